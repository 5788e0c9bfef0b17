import { ModelError } from "../../errors/index.ts";
import { nextWait } from "../../resilience/index.ts";
import type { Attempt } from "../attempt.ts";
import type { Policy } from "../chain.ts";

/** A shorter answer would be cut off in its first sentence. */
const minUsefulTokens = 64;

/**
 * Makes further attempts at the same route, by the role's retry policy. An empty answer, which models sometimes
 * return, is retried once. An abort ends the wait before the next attempt at once.
 */
export const retry: Policy = (next, { retryPolicy, log, services }) => {
  const { clock, random } = services;
  return async (given) => {
    const { signal, route } = given;
    let attempt = given;
    for (let number = 1; ; number += 1) {
      signal.throwIfAborted();
      try {
        return await next(attempt);
      } catch (error) {
        signal.throwIfAborted();
        if (!ModelError.isInstance(error) || isHopeless(attempt, error)) throw error;
        const affordable = withAffordableTokens(attempt, error);
        let waitMs = mayTryAtOnce(error) || affordable ? 0 : undefined;
        const { reason } = error.details;
        const isOnceUnreadable = (reason === "empty" || reason === "broken_call") && number === 1;
        if (waitMs === undefined && (isOnceUnreadable || retryPolicy.retryOn.has(error.kind))) {
          const isLeft = number < retryPolicy.maxAttempts;
          waitMs = isLeft ? nextWait(retryPolicy, number, error.retryAfterMs, random) : undefined;
        }
        if (waitMs === undefined) throw error;
        const { kind, message } = error;
        const { model } = route;
        log.emit({
          type: "retry",
          attempt: log.attempts.length,
          model,
          kind,
          message,
          waitMs: Math.ceil(waitMs),
        });
        await clock.sleep(waitMs, signal);
        attempt = { ...(affordable ?? attempt), waitedMs: waitMs };
      }
    }
  };
};

/** No attempt is left, or the route is dead and there is another one. */
function isHopeless({ isLastRoute, permit }: Attempt, { details }: ModelError): boolean {
  const isDead = details.reason === "no_response" || permit?.isProbe === true;
  return details.isFinal === true || (isDead && !isLastRoute);
}

/** The refusal was remembered: the next request omits the parameter. */
function mayTryAtOnce({ details }: ModelError): boolean {
  return details.reason === "unsupported_parameter";
}

/** The same attempt with as many tokens as the account can pay for; `undefined` if that does not help. */
function withAffordableTokens(attempt: Attempt, { details }: ModelError): Attempt | undefined {
  const { reason, affordableTokens = 0 } = details;
  const { max_tokens: asked } = attempt.request;
  if (reason !== "unaffordable_max_tokens" || affordableTokens < minUsefulTokens) return undefined;
  // If the server refuses the number that it called affordable, smaller numbers are not tried.
  if (attempt.isReduced) return undefined;
  const max_tokens = Math.min(affordableTokens, asked ?? affordableTokens);
  return { ...attempt, isReduced: true, request: { ...attempt.request, max_tokens } };
}
