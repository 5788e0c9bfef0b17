import "../check-node.ts";
/**
 * The rules of rate limits and budgets, for implementations that store their state outside the
 * process: `@orchestra/core/limits`.
 */
export { add, nothing, subtract, type Amount } from "./budget/amount.ts";
export { maxStoreAnswerMs } from "./budget/budget-store.ts";
export type * from "./budget/budget-store.ts";
export { exceeded } from "./budget/exceeded.ts";
export { MemoryBudgetStore } from "./budget/memory-budget-store.ts";
export { Timer } from "./rate-limiter/timer.ts";
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
export type {
  AcquireOptions,
  RateLimiter,
  RateLimiterState,
  Refusal,
  Slot,
  SlotEnd,
} from "./rate-limiter/rate-limiter.ts";
export { WaitingRequest, wholeTokens } from "./rate-limiter/waiting-request.ts";
export { RequestQueue, type QueueLoad, type QueuedRequest } from "./rate-limiter/request-queue.ts";
