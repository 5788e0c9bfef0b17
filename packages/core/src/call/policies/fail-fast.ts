import type { Policy } from "../chain.ts";
import { circuitBreaker } from "./circuit-breaker.ts";

/**
 * Keeps a call from its only route while that keeps failing: the caller can do without an answer. Without
 * this policy, the last route has no circuit breaker.
 */
export const failFast: Policy = (next, call) => {
  const send = circuitBreaker((attempt) => next({ ...attempt, isLastRoute: true }), call);
  return (attempt) => send({ ...attempt, isLastRoute: false });
};
