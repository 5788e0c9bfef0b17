import "@orchestra/core/extend"; // First: it checks the version of Node.js.
export type { ServedAgent } from "./agents/served-agent.ts";
export { ApiError, type ApiErrorDetails } from "./errors/api-error.ts";
export { ListenError } from "./errors/listen-error.ts";
export { mergeMetrics } from "./metrics/all-processes.ts";
export { serve, type RunningServer, type ServeOptions } from "./serve.ts";
