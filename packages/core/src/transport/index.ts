export { leanFetch } from "./lean-fetch.ts";
export { addUsage, noUsage, subtractUsage } from "./read-usage.ts";
export type { CompletionRequest, Sighting } from "./request.ts";
export { WatchedCompletions, type CompletionCallOptions } from "./watched-completions.ts";
