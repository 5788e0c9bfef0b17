import type { ModelError } from "../../errors/model-error.ts";

/**
 * How much a failure speaks against the route that it came by; 0 where it says nothing of it.
 *
 * | failure | weight | because |
 * | --- | --- | --- |
 * | `timeout_error` by silence | 3 | it cost the whole timeout, and nothing came: once is enough |
 * | any other `timeout_error` | 2 | the server itself gave up; one alone may be a long answer |
 * | `connection_error`, `service_error` | 1 | quick to find out, and often gone a second later |
 * | `invalid_response_error` | 0 | the route answers; the prompt or `max_tokens` may be at fault |
 * | any other | 0 | the request, the account or the caller is at fault |
 *
 * A rate limit weighs nothing: the limiter paces what is merely busy.
 */
export function failureWeight({ kind, details }: ModelError): number {
  switch (kind) {
    case "timeout_error":
      return details.reason === "silent" ? 3 : 2;
    case "connection_error":
    case "service_error":
      return 1;
    case "invalid_response_error":
    case "rate_limit_error":
    case "authentication_error":
    case "insufficient_credits_error":
    case "permission_error":
    case "invalid_request_error":
    case "budget_error":
    case "quota_error":
    case "aborted":
    case "unknown_error":
      return 0;
  }
}
