export { Deadline, type DeadlineOptions } from "./deadline.ts";
export { backoff, nextWait } from "./backoff.ts";
export { ProgressWatch, type ProgressWatchOptions } from "./progress-watch.ts";
export { fallback, isMendedElsewhere, type FallbackOptions } from "./fallback.ts";
export { defaultRetryPolicy, type RetryPolicy } from "./retry-policy.ts";
export { retry, type Retry, type RetryOptions } from "./retry.ts";
