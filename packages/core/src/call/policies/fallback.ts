import { ModelError } from "../../errors/index.ts";
import { isCircuitOpen } from "../../resilience/circuit-breaker/index.ts";
import { canFallBackTo, type Route } from "../../routes/index.ts";
import type { CallContext } from "../call-context.ts";
import type { Policy } from "../chain.ts";

/**
 * Tries the call's routes one after the other, from the attempt's own on, until one succeeds or fails
 * with an error that allows no fallback.
 */
export const fallback: Policy = (next, call) => async (attempt) => {
  let { route } = attempt;
  let isLastRoute = call.routes.length === 1;
  let others: Route[] | undefined;
  for (;;) {
    attempt.signal.throwIfAborted();
    try {
      return await next({ ...attempt, route, isLastRoute });
    } catch (error) {
      attempt.signal.throwIfAborted();
      if (!ModelError.isInstance(error)) throw error;
      others ??= call.routes.filter((other) => other !== attempt.route);
      const following = nextRoute(others, attempt.route, error, call);
      if (!following) throw error;
      reportFallback(route, following, error, call);
      route = following;
      isLastRoute = others.length === 0;
    }
  }
};

/** Removes routes from the list, up to the first that may follow the failure. */
function nextRoute(
  others: Route[],
  first: Route,
  error: ModelError,
  { log, services: { fallbackRules } }: CallContext,
): Route | undefined {
  for (let route = others.shift(); route; route = others.shift()) {
    const verdict = canFallBackTo(error, first, route, fallbackRules);
    if (verdict === "yes") return route;
    if (verdict === "withheld") log.fallbacks = "withheld";
  }
  return undefined;
}

function reportFallback(from: Route, to: Route, error: ModelError, { log }: CallContext): void {
  log.fallbacks = "used";
  if (isCircuitOpen(error)) log.skip(from);
  const { kind, message } = error;
  log.emit({ type: "fallback", from: from.model, to: to.model, kind, message });
}
