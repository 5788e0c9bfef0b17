import type { RateLimits } from "./limits.ts";

/** Whether the account has bought credits (`pro`) or not (`free`). */
export type Tier = "free" | "pro";

/**
 * The limits of `OPENROUTER_TIER=free` and `pro`: all requests of the account count, those to paid
 * models too. The limits of the day are those that OpenRouter has for its free models.
 */
export const tierLimits = {
  free: { requestsPerMinute: 20, requestsPerDay: 50 },
  pro: { requestsPerMinute: 60, requestsPerDay: 1000 },
} as const satisfies Readonly<Record<Tier, RateLimits>>;

/** OpenRouter's limit for requests to free models, with and without credits. */
export const freeModelLimits = { requestsPerMinute: 20 } as const satisfies RateLimits;
