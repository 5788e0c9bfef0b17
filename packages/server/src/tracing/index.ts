import "@orchestra/core/extend"; // First: it checks the version of Node.js.
export { openTracing } from "./open-tracing.ts";
export type { Respond, Tracing } from "./tracing.ts";
