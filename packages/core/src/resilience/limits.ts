/**
 * The rules of rate limits and budgets, and the parts that wait for them, for whoever keeps their
 * state elsewhere than in the process: `@orchestra/core/limits`.
 */
export { add, nothing, subtract, type Amount } from "./budget/amount.ts";
export type * from "./budget/budget-store.ts";
export { exceeded } from "./budget/exceeded.ts";
export { Alarm } from "./rate-limiter/alarm.ts";
export type { Grant } from "./rate-limiter/grant-log.ts";
export type { RateLimiterOptions } from "./rate-limiter/create-rate-limiter.ts";
export {
  LimiterState,
  nonNegative,
  positive,
  type LimiterStateJson,
  type LimiterStateOptions,
} from "./rate-limiter/limiter-state.ts";
export type { RateLimits, ResolvedRateLimits } from "./rate-limiter/limits.ts";
export type { Priority } from "./rate-limiter/priority.ts";
export type {
  AcquireOptions,
  RateLimiter,
  RateLimiterState,
  Refusal,
  Slot,
  SlotEnd,
} from "./rate-limiter/rate-limiter.ts";
export { WaitingCall, wholeTokens } from "./rate-limiter/waiting-call.ts";
export { WaitingLine, type Crowd, type Waiter } from "./rate-limiter/waiting-line.ts";
