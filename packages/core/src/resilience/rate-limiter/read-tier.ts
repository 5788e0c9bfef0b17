import { z } from "zod";
import { tierLimits, type Tier } from "./tiers.ts";

/** The account data in the answer of `GET /key`. */
export interface AccountReading {
  readonly tier: Tier;
  /**
   * The day's requests to free models, if the answer has them. Requests to paid models are not counted.
   */
  readonly day?: { readonly used: number; readonly limit: number; readonly remaining: number };
}

const bodySchema = z.lazy(() => {
  const count = z.number().nonnegative();
  const key = z.object({
    is_free_tier: z.boolean().optional().catch(undefined),
    free_model_daily_requests: z
      .object({
        used: count,
        limit: z.int().positive(),
        remaining: count.optional().catch(undefined),
      })
      .optional()
      .catch(undefined),
  });
  return z.object({ data: key });
});

/**
 * Reads the tier and the day's requests from the body of `GET /key`.
 *
 * The tier is `is_free_tier`; without it, it follows from the limit of the day.
 *
 * @returns `undefined` if the body has neither. Never throws: a body of another shape must not stop
 * the calls.
 */
export function readTier(body: unknown): AccountReading | undefined {
  const key = bodySchema.safeParse(body).data?.data;
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
