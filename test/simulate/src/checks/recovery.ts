import type { CallOutcome } from "../call-outcome.ts";
import { seconds, type Check, type Evidence } from "../evidence.ts";

/**
 * A route is skipped only if it failed within the last cooldown, or another call is testing it. So a route that has
 * recovered is used again by the first call after the cooldown, or earlier.
 */
export const recovery: Check = (evidence) => {
  const skips = evidence.outcomes.flatMap((outcome) =>
    outcome.events.flatMap(({ at, event }) =>
      event.type === "fallback" && isSkip(event.message)
        ? [{ outcome, at, model: event.from }]
        : [],
    ),
  );
  return skips.flatMap(({ outcome, at, model }) => {
    if (hasFailed(evidence, model, at) || isTried(evidence, model, at, outcome)) return [];
    return [
      `Call ${outcome.call.number} passed over ${model} at ${seconds(at, evidence.world)} without a reason`,
    ];
  });
};

/** Whether a fallback was caused by an open circuit, and not by a request that failed. */
function isSkip(message: string): boolean {
  return /circuit/i.test(message);
}

function hasFailed({ requests, settings }: Evidence, model: string, now: number): boolean {
  return requests.some(
    ({ route, endedAt = Infinity, isComplete }) =>
      route.model === model &&
      !isComplete &&
      endedAt <= now &&
      endedAt >= now - settings.cooldownMs,
  );
}

/** Whether another call is testing the route: by a request in flight, or by one that waits for a slot. */
function isTried(evidence: Evidence, model: string, now: number, self: CallOutcome): boolean {
  const isInFlight = evidence.requests.some(
    ({ route, sentAt, endedAt = Infinity }) =>
      route.model === model && sentAt <= now && endedAt >= now,
  );
  return (
    isInFlight ||
    evidence.outcomes.some((other) => other !== self && isAt(other, evidence, model, now))
  );
}

/** Whether a call uses a route at an instant: it was admitted, and has not left the route before. */
function isAt(
  { startedAt = Infinity, endedAt = Infinity, call, events }: CallOutcome,
  { world }: Evidence,
  model: string,
  now: number,
): boolean {
  if (startedAt > now || endedAt < now) return false;
  const routes = [world.primaries[call.role], ...world.fallbacks].map((route) => route.model);
  let current = routes[0];
  let isOver = false;
  for (const { at, event } of events) {
    if (at > now) break;
    // Several events can have the same time: others may have been refused before it left the route.
    if (at === now && current === model) return true;
    if (event.type === "attempt-start") current = event.model;
    if (event.type === "fallback") current = event.to;
    // A broken stream is restarted at the next route.
    if (event.type === "restart")
      current = routes[(routes.indexOf(current ?? "") + 1) % routes.length];
    if (event.type === "call-end") isOver = at < now;
  }
  return !isOver && current === model;
}
