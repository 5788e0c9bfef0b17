export interface LatencyTrackerOptions {
  /** How many of a role's last durations are kept. @defaultValue `200` */
  readonly size?: number | undefined;
  /** From how many on there is an answer. @defaultValue `20`, the fewest of which one is the slowest 5 % */
  readonly minSamples?: number | undefined;
}

/**
 * How long the requests of each role took, for a hedge that knows when one is slow.
 *
 * Record the requests that lost a race too, with the time until they were aborted: without them
 * the slow ones would vanish from the books, the 95th percentile would shrink with every hedge,
 * and more and more requests would be hedged.
 */
export class LatencyTracker {
  readonly #size: number;
  readonly #minSamples: number;
  readonly #durations = new Map<string, number[]>();

  constructor({ size = 200, minSamples = 20 }: LatencyTrackerOptions = {}) {
    this.#size = size;
    this.#minSamples = minSamples;
  }

  record(role: string, durationMs: number): void {
    const durations = this.#durations.get(role);
    if (!durations) this.#durations.set(role, [durationMs]);
    else if (durations.push(durationMs) > this.#size) durations.shift();
  }

  /** The duration, in milliseconds, that 95 % did not exceed; `undefined` while too few are known. */
  p95(role: string): number | undefined {
    const durations = this.#durations.get(role) ?? [];
    if (durations.length < this.#minSamples) return undefined;
    const rank = Math.ceil(0.95 * durations.length);
    return durations.toSorted((a, b) => a - b)[rank - 1];
  }
}
