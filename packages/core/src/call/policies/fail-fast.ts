import type { Policy } from "../chain.ts";
import { circuitBreaker } from "./circuit-breaker.ts";

/**
 * Treats the only route of a call as if there were another: it has a circuit breaker, and is not asked
 * again where it did not respond. The caller can do without an answer.
 */
export const failFast: Policy = (next, call) => {
  const send = circuitBreaker(next, call);
  return (attempt) => send({ ...attempt, isLastRoute: false });
};
