import type { Policy } from "../chain.ts";

/**
 * Keeps calls from a route that keeps failing. It is asked once for each route of a call; `recording`
 * reports how each attempt ended.
 */
export const circuitBreaker: Policy = (next, { services: { breakers } }) => {
  return async (attempt) => {
    // The last route has no breaker: refusing it would leave nothing to try.
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
