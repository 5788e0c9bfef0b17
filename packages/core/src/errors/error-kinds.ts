/**
 * The ways in which a model call can fail, by what the caller can do about it.
 *
 * | kind | when | fixed by |
 * | --- | --- | --- |
 * | `connection_error` | refused, reset, DNS, TLS | retrying |
 * | `timeout_error` | no answer in time, 408 | retrying |
 * | `rate_limit_error` | 429 of the minute, of a provider's pool, credit held by calls in flight | waiting |
 * | `service_error` | 5xx, 409, 424, 425, 499, provider down, error in mid-stream | retrying |
 * | `invalid_response_error` | no choices, broken JSON, truncated stream, answer that does not match its schema | another model |
 * | `authentication_error` | 401 | a valid key |
 * | `insufficient_credits_error` | 402 | credits, or another account |
 * | `permission_error` | 403, moderation | another request or key |
 * | `invalid_request_error` | 400, 404, 413, 422 | another request (an unknown model: another model) |
 * | `budget_error` | the budget of the call, run or day is used up | a larger budget |
 * | `quota_error` | the day's calls are used up | the next UTC day, or another account |
 * | `aborted` | the caller's signal | nothing: the caller aborted it |
 * | `unknown_error` | none of the above; most likely a bug | a bug report |
 */
export const errorKinds = [
  "connection_error",
  "timeout_error",
  "rate_limit_error",
  "service_error",
  "invalid_response_error",
  "authentication_error",
  "insufficient_credits_error",
  "permission_error",
  "invalid_request_error",
  "budget_error",
  "quota_error",
  "aborted",
  "unknown_error",
] as const;

export type ErrorKind = (typeof errorKinds)[number];

/** The kinds that are retried unless `LLM_RETRYABLE_ERRORS` says otherwise. */
export const defaultRetryableKinds = [
  "connection_error",
  "timeout_error",
  "rate_limit_error",
  "service_error",
] as const satisfies readonly ErrorKind[];

/** Kinds that `LLM_RETRYABLE_ERRORS` may contain: all except those for which a retry cannot help. */
export const retryableKinds = errorKinds.filter(
  (kind) => kind !== "aborted" && kind !== "budget_error" && kind !== "unknown_error",
);
