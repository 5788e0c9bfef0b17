import { ModelError, toModelError } from "../../errors/index.ts";
import type { Policy } from "../chain.ts";

/**
 * Limits all requests of a call (`LLM_CALL_MAX_ATTEMPTS`): retries, fallbacks,
 * hedges, corrections, restarts. The failure of the last one is final: no outer policy tries again.
 */
export const attemptLimit: Policy = (next, { log, services: { maxAttempts = Infinity } }) => {
  if (maxAttempts === Infinity) return next;
  return async (attempt) => {
    if (log.admitted >= maxAttempts) throw usedUp(maxAttempts, attempt.route.model);
    log.admitted += 1;
    try {
      return await next(attempt);
    } catch (error) {
      if (log.admitted < maxAttempts || attempt.signal.aborted) throw error;
      throw toModelError(error).with({ isFinal: true });
    }
  };
};

function usedUp(maxAttempts: number, model: string): ModelError {
  return new ModelError(
    `The call has used all of its ${maxAttempts} requests (LLM_CALL_MAX_ATTEMPTS)`,
    { kind: "budget_error", model, isFinal: true },
  );
}
