export { nextWait } from "./backoff.ts";
export { Deadline } from "./deadline.ts";
export { isWorthFallback } from "./is-worth-fallback.ts";
export type { RetryPolicy } from "./retry-policy.ts";
export { unlessAborted } from "../clock/index.ts";
