import { ModelError } from "../../errors/index.ts";
import { ownDayLimit, tierLimits } from "../../resilience/rate-limiter/index.ts";
import type { Settings } from "../../settings/index.ts";

/**
 * The error for a limit of the day that a setting sets. An error after a refusal by the server is not changed.
 *
 * @param limit - Requests in a UTC day.
 */
export function describeOwnDay(
  error: ModelError,
  { tier, requestsPerDay }: Pick<Settings, "tier" | "requestsPerDay">,
  limit: number,
  now: number,
): ModelError {
  if (error.details.limitSource !== ownDayLimit) return error;
  const [setting, advice] =
    requestsPerDay === undefined
      ? [
          `OPENROUTER_TIER=${tier}: ${limit}`,
          "Use OPENROUTER_TIER=auto, or set LLM_REQUESTS_PER_DAY.",
        ]
      : [`LLM_REQUESTS_PER_DAY=${limit}`, "Raise LLM_REQUESTS_PER_DAY to send more."];
  return withMessage(
    error,
    `The limit of requests in a UTC day is reached (${setting})${resetOf(error, now)}. ${advice}`,
  );
}

/** The error for OpenRouter's limit of free models, by our count or after a refusal. */
export function describeFreeDay(error: ModelError, limit: number, now: number): ModelError {
  const quota = limit === Infinity ? "requests" : `${limit} requests`;
  const hasCredits = limit !== Infinity && limit >= tierLimits.pro.requestsPerDay;
  const advice = hasCredits
    ? "Use a paid model."
    : "Use a paid model, or buy credits: they raise the limit to 1,000 a day.";
  return withMessage(
    error,
    `OpenRouter's limit for free models is reached: the account's ${quota} of this UTC day are used up${resetOf(error, now)}. ${advice}`,
    "openrouter_free_tier_daily",
  );
}

function withMessage({ details, cause }: ModelError, message: string, limitSource?: string) {
  return new ModelError(message, limitSource ? { ...details, limitSource } : details, { cause });
}

function resetOf({ retryAfterMs }: ModelError, now: number): string {
  if (retryAfterMs === undefined) return "";
  return `; it resets at ${new Date(now + retryAfterMs).toISOString()} (UTC)`;
}
