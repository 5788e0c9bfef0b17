import type { ModelError } from "../errors/model-error.ts";

/**
 * Whether another model or provider may succeed where this one failed.
 *
 * A wrong key, a refused content, a malformed request would fail there too, or hide a mistake that
 * the user has to correct; an abort and a spent budget are the caller's own will.
 */
export function isWorthFallback(error: ModelError): boolean {
  switch (error.kind) {
    case "connection_error":
    case "timeout_error":
      return error.details.reason !== "call_timeout";
    case "invalid_response_error":
      // Another model would get the same max_tokens.
      return error.details.reason !== "cut_off";
    case "rate_limit_error":
    case "service_error":
    case "insufficient_credits_error":
    case "quota_error":
      return true;
    case "invalid_request_error":
      return ["model_not_found", "unsupported_feature"].includes(error.details.reason ?? "");
    case "authentication_error":
    case "permission_error":
    case "budget_error":
    case "aborted":
    case "unknown_error":
      return false;
  }
}
