import type { RateLimits } from "./limits.ts";

/** What the account has paid for: nothing yet (`free`), or credits (`pro`). */
export type Tier = "free" | "pro";

/**
 * The limits to keep where nothing else is said.
 *
 * OpenRouter enforces them on free models only: 20 requests a minute for everyone, 50 a day, and
 * 1,000 a day for an account that has bought credits. Its paid models have no such limit; there they
 * bound how much a mistake can spend, and each can be set to what the account needs.
 */
export const tierLimits = {
  free: { requestsPerMinute: 20, requestsPerDay: 50 },
  pro: { requestsPerMinute: 60, requestsPerDay: 1000 },
} as const satisfies Readonly<Record<Tier, RateLimits>>;
