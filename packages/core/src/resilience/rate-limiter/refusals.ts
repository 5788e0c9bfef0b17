import { ModelError } from "../../errors/model-error.ts";

/** `limitSource` of a day that is used up by the limiter's own count. A refusal by the server has none. */
export const ownDayLimit = "orchestra_requests_per_day";

/** The error of a day that is used up. */
export function dayUsedUp(day: {
  readonly limit: number;
  readonly resetsAt: number;
  readonly now: number;
  /** Whether the server refused further requests, and not our own count. */
  readonly isRefused: boolean;
}): ModelError {
  const { limit, resetsAt, now, isRefused } = day;
  const reset = new Date(resetsAt).toISOString();
  const message = isRefused
    ? `The server refuses further requests in this UTC day, until ${reset} (UTC).`
    : `The limit of ${limit} requests in a UTC day is reached; it resets at ${reset} (UTC). Raise LLM_REQUESTS_PER_DAY if the account allows more.`;
  return new ModelError(message, {
    kind: "quota_error",
    reason: "daily_quota",
    retryAfterMs: Math.ceil(resetsAt - now),
    limitSource: isRefused ? undefined : ownDayLimit,
  });
}

/** The error while the server refuses the account's requests for longer than calls wait. */
export function refusedForLong(until: number, now: number): ModelError {
  return new ModelError(
    `The server refuses the account's requests until ${new Date(until).toISOString()} (UTC), longer than a call waits (LLM_RETRY_MAX_DELAY).`,
    {
      kind: "rate_limit_error",
      retryAfterMs: Math.ceil(until - now),
      limitSource: "orchestra_refusal",
    },
  );
}

/** The error of a call that needs more tokens than a minute allows. */
export function tooManyTokens(tokens: number, tokensPerMinute: number): ModelError {
  return new ModelError(
    `The call needs ${tokens} tokens, more than LLM_TOKENS_PER_MINUTE=${tokensPerMinute} allows. ` +
      "Shorten the prompt, lower max_tokens, or raise LLM_TOKENS_PER_MINUTE.",
    { kind: "invalid_request_error" },
  );
}
