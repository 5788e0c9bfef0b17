import { LRUCache } from "lru-cache";

/** Roles whose durations are kept: over a network, callers choose their names. */
const maxRoles = 1000;
/** Latest durations that are kept of each role. */
const maxSamples = 200;

/** Durations that are needed for an answer: 5 % of them is one. */
const minSamples = 20;

/**
 * How long the requests of each role took, to find out when a request is slow enough to hedge.
 *
 * Record the requests that lost a race too, with the time until they were aborted: without them the
 * slow requests would be missing, the 95th percentile would shrink with each hedge, and more and
 * more requests would be hedged.
 */
export class LatencyTracker {
  readonly #durations = new LRUCache<string, number[]>({ max: maxRoles });

  record(role: string, durationMs: number): void {
    const durations = this.#durations.get(role);
    if (!durations) this.#durations.set(role, [durationMs]);
    else if (durations.push(durationMs) > maxSamples) durations.shift();
  }

  /** The 95th percentile in milliseconds; `undefined` if too few durations are known. */
  p95(role: string): number | undefined {
    const durations = this.#durations.get(role) ?? [];
    if (durations.length < minSamples) return undefined;
    const rank = Math.ceil(0.95 * durations.length);
    return durations.toSorted((a, b) => a - b)[rank - 1];
  }
}
