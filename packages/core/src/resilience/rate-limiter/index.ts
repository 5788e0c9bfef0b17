export { createRateLimiter, type RateLimiterOptions } from "./create-rate-limiter.ts";
export { nextMidnight } from "./day-quota.ts";
export type { RateLimits } from "./limits.ts";
export { priorityOfRole, type Priority } from "./priority.ts";
export type {
  AcquireOptions,
  RateLimiter,
  RateLimiterState,
  Refusal,
  Slot,
  SlotEnd,
} from "./rate-limiter.ts";
export { readTier, type AccountReading } from "./read-tier.ts";
export { tierLimits, type Tier } from "./tiers.ts";
