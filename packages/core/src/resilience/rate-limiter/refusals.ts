import { ModelError } from "../../errors/model-error.ts";

/** The day is used up: says when it resets, and what to change if the account allows more. */
export function dayUsedUp(day: {
  readonly limit: number;
  readonly resetsAt: number;
  readonly now: number;
  /** Whether the server said so, rather than our own count. */
  readonly isRefused: boolean;
}): ModelError {
  const { limit, resetsAt, now, isRefused } = day;
  const quota = limit === Infinity ? "requests" : `${limit} requests`;
  const who = isRefused ? "The server says that the account's" : "The account's";
  const reset = new Date(resetsAt).toISOString();
  const advice = isRefused
    ? "Credits raise the quota."
    : "If the account allows more, raise LLM_REQUESTS_PER_DAY.";
  return new ModelError(
    `${who} ${quota} of this UTC day are used up; the quota resets at ${reset} (UTC). ${advice}`,
    { kind: "quota_error", reason: "daily_quota", retryAfterMs: Math.ceil(resetsAt - now) },
  );
}

/** The call could never be granted; a smaller one could. */
export function tooManyTokens(tokens: number, tokensPerMinute: number): ModelError {
  return new ModelError(
    `The call needs ${tokens} tokens, more than the ${tokensPerMinute} that a minute allows. ` +
      "Shorten the prompt, lower max_tokens, or raise LLM_TOKENS_PER_MINUTE.",
    { kind: "invalid_request_error" },
  );
}
