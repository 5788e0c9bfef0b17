import { z } from "zod";
import { tierLimits, type Tier } from "./tiers.ts";

/** What `GET /key` says of the account behind a key. */
export interface AccountReading {
  readonly tier: Tier;
  /**
   * The day's requests to free models, where the answer has them: `used` for
   * {@link RateLimiter.countDay}. Paid models are not in it.
   */
  readonly day?: { readonly used: number; readonly limit: number; readonly remaining: number };
}

const count = z.number().nonnegative();

const keySchema = z.object({
  is_free_tier: z.boolean().optional().catch(undefined),
  free_model_daily_requests: z
    .object({ used: count, limit: count, remaining: count.optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

const bodySchema = z.object({ data: keySchema }).transform(({ data }) => data);

/**
 * Reads the tier, and what is left of the day, out of the body of `GET /key`.
 *
 * `is_free_tier` tells the tier; without it the size of the day does.
 *
 * @returns `undefined` where the body says neither. Never throws: an account's page that changed its
 * shape must not stop the calls.
 */
export function readTier(body: unknown): AccountReading | undefined {
  const key = bodySchema.safeParse(body).data;
  const day = key?.free_model_daily_requests;
  const tier = tierOf(key?.is_free_tier, day?.limit);
  if (!tier) return undefined;
  if (!day) return { tier };
  const { used, limit, remaining = Math.max(0, limit - used) } = day;
  return { tier, day: { used, limit, remaining } };
}

function tierOf(isFree: boolean | undefined, dayLimit: number | undefined): Tier | undefined {
  if (isFree !== undefined) return isFree ? "free" : "pro";
  if (dayLimit === undefined) return undefined;
  return dayLimit > tierLimits.free.requestsPerDay ? "pro" : "free";
}
