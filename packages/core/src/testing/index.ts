import "../check-node.ts";
export { FakeClock } from "../clock/fake-clock.ts";
export { describeBudgetStore } from "./budget-store/conformance.ts";
export { rateLimiterConformance } from "./rate-limiter/conformance.ts";
export { ReplayMissError } from "../errors/replay-miss-error.ts";
export { replayJournal, type ReplayJournal } from "./replay-journal.ts";
export {
  call,
  calls,
  type Call,
  type LimiterUnderTest,
  type MakeLimiter,
  type TestClock,
} from "./rate-limiter/limiter-under-test.ts";
