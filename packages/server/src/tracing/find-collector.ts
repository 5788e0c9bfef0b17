import type { Environment } from "@orchestra/core";
import { tracingVariables, type TracingVariable } from "./tracing-variables.ts";

/** The target of spans. */
export interface Collector {
  /** The URL for spans; absent if a variable is wrong. */
  readonly url?: URL;
  /** The wrong variable and what is expected, as a clause. Nothing is exported then. */
  readonly problem?: string;
}

const wholeUrl = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const rootUrl = "OTEL_EXPORTER_OTLP_ENDPOINT";

/** @returns `undefined` if no variable sets a collector, or tracing is turned off */
export function findCollector(environment: Environment): Collector | undefined {
  const variable = [wholeUrl, rootUrl].find((name) => valueOf(environment, name) !== "");
  if (variable === undefined || isTurnedOff(environment)) return undefined;
  const text = valueOf(environment, variable);
  const url = URL.parse(variable === rootUrl ? `${text.replace(/\/$/, "")}/v1/traces` : text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return {
      problem: `${variable} is not a URL with http or https, such as http://127.0.0.1:4318`,
    };
  }
  const wrong = tracingVariables.find((each) => !isInRange(valueOf(environment, each.name), each));
  return wrong ? { problem: `${wrong.name} is not ${wrong.value}` } : { url };
}

/** The SDK accepts every number, and drops all spans if its queue has no room. */
function isInRange(text: string, { range }: TracingVariable): boolean {
  if (text === "" || !range) return true;
  const [min, max] = range;
  return Number(text) >= min && Number(text) <= max;
}

function isTurnedOff(environment: Environment): boolean {
  return (
    valueOf(environment, "OTEL_SDK_DISABLED").toLowerCase() === "true" ||
    valueOf(environment, "OTEL_TRACES_EXPORTER") === "none"
  );
}

function valueOf(environment: Environment, name: string): string {
  return environment[name]?.trim() ?? "";
}
