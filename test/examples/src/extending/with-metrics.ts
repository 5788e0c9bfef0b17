import type { RateLimiter } from "@orchestra/core";

/** A rate limiter that reports how long each request waited, in milliseconds. */
export function withMetrics(
  limiter: RateLimiter,
  onGranted: (waitedMs: number) => void,
): RateLimiter {
  return {
    acquire: async (options) => {
      const slot = await limiter.acquire(options);
      onGranted(slot.waitedMs);
      return slot;
    },
    backOff: (refusal) => limiter.backOff(refusal),
    setLimits: (limits) => limiter.setLimits(limits),
    countDay: (used) => limiter.countDay(used),
    state: () => limiter.state(),
  };
}
