import "../check-node.ts";
export { describeBudgetStore } from "./budget-store/conformance.ts";
export { describeRateLimiter } from "./rate-limiter/conformance.ts";
export {
  call,
  calls,
  type Call,
  type LimiterUnderTest,
  type MakeLimiter,
  type TestClock,
} from "./rate-limiter/limiter-under-test.ts";
