/** Factor by which the measured maximum decreases with each shorter round trip. */
const decay = 0.9;

/** Measures round trips to the database, so that a grant can be booked for the time when it arrives. */
export class RoundTrips {
  #maxMs: number;

  /** @param initialMs - Estimate before the first measurement. */
  constructor(initialMs: number) {
    this.#maxMs = initialMs;
  }

  add(durationMs: number): void {
    this.#maxMs = Math.max(durationMs, this.#maxMs * decay);
  }

  /** How long a round trip may take before its result is too late: twice the recent maximum. */
  get allowanceMs(): number {
    return 2 * this.#maxMs;
  }
}
