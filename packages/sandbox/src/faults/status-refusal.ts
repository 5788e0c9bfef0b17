import { REFUSALS, type RefusalContext } from "./refusals.ts";
import type { Refusal } from "./refusal.ts";

const BARE: Record<number, readonly [message: string, errorType: string]> = {
  400: ["Invalid request parameters", "invalid_request"],
  408: ["Request timed out", "timeout"],
  412: ["Precondition failed", "precondition_failed"],
  413: ["Request payload too large", "payload_too_large"],
  422: ["Unprocessable request", "unprocessable"],
  500: ["Internal Server Error", "server"],
  504: ["The provider did not answer in time", "timeout"],
};

const FROM_PROVIDER: Record<number, readonly [raw: string, errorType: string]> = {
  502: ["upstream connect error or disconnect before headers", "provider_unavailable"],
  503: ["The model is overloaded. Please try again later.", "provider_overloaded"],
  524: ["error code: 524", "timeout"],
  529: ["overloaded_error: Overloaded", "provider_overloaded"],
};

/** OpenRouter's error for a status without a known cause. */
export function statusRefusal(status: number, context: RefusalContext): Refusal {
  const refusal = withoutHeaders(status, context);
  const { retryAfterSeconds } = context;
  if (retryAfterSeconds === undefined) return refusal;
  return { ...refusal, headers: { ...refusal.headers, "Retry-After": String(retryAfterSeconds) } };
}

function withoutHeaders(status: number, context: RefusalContext): Refusal {
  switch (status) {
    case 401:
      return { status, message: "User not found." };
    case 402:
      return REFUSALS["no-credits"]();
    case 403:
      return REFUSALS.moderation(context);
    case 404:
      return REFUSALS["no-endpoints"](context);
    case 429:
      return REFUSALS["shared-pool"](context);
    default:
  }
  const bare = BARE[status];
  if (bare) return { status, message: bare[0], metadata: { error_type: bare[1] } };
  const [raw, errorType] = FROM_PROVIDER[status] ?? [`HTTP ${status}`, "unmapped"];
  return {
    status,
    message: "Provider returned error",
    metadata: { raw, provider_name: context.provider, is_byok: false, error_type: errorType },
  };
}
