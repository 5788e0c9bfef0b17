import type { Environment } from "@orchestra/core";

/** The target of spans. */
export interface Collector {
  /** The variable that sets it. */
  readonly variable: string;
  /** The URL for spans; absent if the variable is not a URL with http or https. */
  readonly url?: URL;
}

const wholeUrl = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const rootUrl = "OTEL_EXPORTER_OTLP_ENDPOINT";

/** @returns `undefined` if no variable sets a collector, or tracing is turned off */
export function findCollector(environment: Environment): Collector | undefined {
  const variable = [wholeUrl, rootUrl].find((name) => valueOf(environment, name) !== "");
  if (variable === undefined || isTurnedOff(environment)) return undefined;
  const text = valueOf(environment, variable);
  const url = URL.parse(variable === rootUrl ? `${text.replace(/\/$/, "")}/v1/traces` : text);
  return url !== null && /^https?:$/.test(url.protocol) ? { variable, url } : { variable };
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
