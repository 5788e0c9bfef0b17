import type { Policy } from "../chain.ts";
import { circuitBreaker } from "./circuit-breaker.ts";

/**
 * Treats the only route of a call as if there were another: it has a circuit breaker, and is not retried
 * if it did not respond. For callers that can continue without an answer.
 */
export const failFast: Policy = (next, call) => {
  const send = circuitBreaker(next, call);
  return (attempt) => send({ ...attempt, isLastRoute: false });
};
