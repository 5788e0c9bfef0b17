import type { Policy } from "../chain.ts";

/**
 * Keeps calls away from a route that fails repeatedly. It requests a permit once for each route of a call;
 * `recording` reports the end of each attempt to it.
 */
export const circuitBreaker: Policy = (next, { services: { breakers } }) => {
  return async (attempt) => {
    // The last route has no breaker: if it were refused, the call could only fail.
    if (attempt.isLastRoute) return next(attempt);
    const permit = breakers.for(attempt.route).admit();
    try {
      const answer = await next({ ...attempt, permit });
      if (answer.kind === "stream") answer.onEnd(() => permit.release());
      else permit.release();
      return answer;
    } catch (error) {
      permit.release();
      throw error;
    }
  };
};
