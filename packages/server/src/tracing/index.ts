import "@orchestra/core/extend"; // First: it checks the version of Node.js.
export { findCollector, type Collector } from "./find-collector.ts";
export { openTracing } from "./open-tracing.ts";
export { tracingVariables, type TracingVariable } from "./tracing-variables.ts";
export type { Respond, Tracing } from "./tracing.ts";
