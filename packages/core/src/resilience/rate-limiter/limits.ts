/**
 * The limits of one account. A limit that is absent or `Infinity` does not apply.
 *
 * All four apply to every request that goes through the limiter: OpenRouter counts by account, not
 * by key, role or model.
 */
export interface RateLimits {
  /** Requests in any minute. Env `LLM_REQUESTS_PER_MINUTE`. @defaultValue the tier's */
  readonly requestsPerMinute?: number | undefined;
  /**
   * Tokens, of prompts and answers together, in any minute. Env `LLM_TOKENS_PER_MINUTE`.
   *
   * @defaultValue none: OpenRouter has no such limit, but providers with your own keys may have one
   */
  readonly tokensPerMinute?: number | undefined;
  /** Requests in one UTC day. Env `LLM_REQUESTS_PER_DAY`. @defaultValue the tier's */
  readonly requestsPerDay?: number | undefined;
  /** Requests in flight at one time. Env `LLM_MAX_CONCURRENCY`. @defaultValue none */
  readonly maxConcurrency?: number | undefined;
}

/** {@link RateLimits} with `Infinity` for each limit that is not set. */
export type ResolvedRateLimits = { readonly [Name in keyof RateLimits]-?: number };

const none: ResolvedRateLimits = {
  requestsPerMinute: Infinity,
  tokensPerMinute: Infinity,
  requestsPerDay: Infinity,
  maxConcurrency: Infinity,
};

/**
 * `limits` with `changes` applied; limits that are absent from the changes stay as they are.
 *
 * @throws {RangeError} if a limit is not a whole number of at least 1 or `Infinity`: with a limit of
 * 0, calls would wait forever
 */
export function resolveLimits(
  changes: RateLimits,
  limits: ResolvedRateLimits = none,
): ResolvedRateLimits {
  const resolved = {
    requestsPerMinute: changes.requestsPerMinute ?? limits.requestsPerMinute,
    tokensPerMinute: changes.tokensPerMinute ?? limits.tokensPerMinute,
    requestsPerDay: changes.requestsPerDay ?? limits.requestsPerDay,
    maxConcurrency: changes.maxConcurrency ?? limits.maxConcurrency,
  };
  for (const [name, limit] of Object.entries(resolved)) {
    const isLimit = limit === Infinity || (Number.isSafeInteger(limit) && limit >= 1);
    if (!isLimit) {
      throw new RangeError(
        `${name} is ${limit}: expected a whole number of at least 1, or Infinity`,
      );
    }
  }
  return resolved;
}
