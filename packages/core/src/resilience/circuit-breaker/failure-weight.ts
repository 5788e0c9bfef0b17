import type { ModelError } from "../../errors/model-error.ts";

/**
 * How much a failure counts against its route; 0 if the route is not at fault. A circuit opens at 3.
 *
 * | failure | weight | why |
 * | --- | --- | --- |
 * | `timeout_error`, `no_response` | 3 | it took the whole timeout and nothing came: once is enough |
 * | `timeout_error`, `call_timeout` | 0 | other attempts, waits or a slow reader used up the call's time |
 * | other `timeout_error` | 2 | the server gave up; a single one may be a long answer |
 * | `connection_error`, `service_error` | 1 | fails quickly, and often works a second later |
 * | `invalid_response_error`, `interrupted` | 1 | the stream broke, as a connection does |
 * | other `invalid_response_error` | 0 | the route answers; the prompt or `max_tokens` may be at fault |
 * | any other | 0 | the request, the account or the caller is at fault |
 *
 * A rate limit weighs 0: the rate limiter slows down calls to a busy route.
 */
export function failureWeight({ kind, details: { reason } }: ModelError): number {
  switch (kind) {
    case "timeout_error":
      if (reason === "call_timeout") return 0;
      return reason === "no_response" ? 3 : 2;
    case "connection_error":
    case "service_error":
      return 1;
    case "invalid_response_error":
      return reason === "interrupted" ? 1 : 0;
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
