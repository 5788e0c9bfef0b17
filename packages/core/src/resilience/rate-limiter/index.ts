export {
  createRateLimiter,
  MemoryRateLimiter,
  type RateLimiterOptions,
} from "./create-rate-limiter.ts";
export { GuardedLimiter } from "./guarded-limiter.ts";
export type { RateLimits, ResolvedRateLimits } from "./limits.ts";
export type {
  AcquireOptions,
  RateLimiter,
  RateLimiterState,
  Refusal,
  Slot,
  SlotEnd,
} from "./rate-limiter.ts";
export { ownDayLimit } from "./refusals.ts";
export { readTier, type AccountReading } from "./read-tier.ts";
export { freeModelLimits, tierLimits } from "./tiers.ts";
