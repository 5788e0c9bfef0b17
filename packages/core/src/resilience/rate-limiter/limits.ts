/**
 * What one account may do. A limit that is left out, or `Infinity`, is none.
 *
 * The four hold at once, for everything that calls through the limiter: OpenRouter counts by
 * account, not by key, role or model.
 */
export interface RateLimits {
  /** Requests in any minute. Env `LLM_REQUESTS_PER_MINUTE`. @defaultValue the tier's */
  readonly requestsPerMinute?: number | undefined;
  /**
   * Tokens, of prompts and answers together, in any minute. Env `LLM_TOKENS_PER_MINUTE`.
   *
   * @defaultValue none: OpenRouter has no such limit, providers behind keys of your own may
   */
  readonly tokensPerMinute?: number | undefined;
  /** Requests in one day, which begins at midnight UTC. Env `LLM_REQUESTS_PER_DAY`. @defaultValue the tier's */
  readonly requestsPerDay?: number | undefined;
  /** Requests under way at one time. Env `LLM_MAX_CONCURRENCY`. @defaultValue none */
  readonly maxConcurrency?: number | undefined;
}

/** {@link RateLimits} with `Infinity` for none. */
export type ResolvedRateLimits = { readonly [Name in keyof RateLimits]-?: number };

const none: ResolvedRateLimits = {
  requestsPerMinute: Infinity,
  tokensPerMinute: Infinity,
  requestsPerDay: Infinity,
  maxConcurrency: Infinity,
};

/**
 * Lays `changes` over `limits`; what they leave out stays.
 *
 * @throws {RangeError} where a limit is no whole number of 1 or more, nor `Infinity`: a limit of 0
 * would let calls wait for ever
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
        `${name} is ${limit}; expected a whole number of 1 or more, or Infinity`,
      );
    }
  }
  return resolved;
}
