import type { Environment } from "@orchestra/core";

/** Where spans are to go. */
export interface Collector {
  /** The variable that says so. */
  readonly variable: string;
  /** What spans are sent to; absent where the variable has no URL with http or https. */
  readonly url?: URL;
}

const wholeUrl = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const rootUrl = "OTEL_EXPORTER_OTLP_ENDPOINT";

/** @returns `undefined` where no variable names a collector, or tracing is turned off */
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
