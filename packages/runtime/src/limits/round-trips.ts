/** How fast the learned time falls again, with each trip that is quicker. */
const decay = 0.9;

/** Learns how long it takes to ask the database, so that a grant can be booked for when it arrives. */
export class RoundTrips {
  #longestMs: number;

  /** @param longestMs - The first guess. */
  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  add(durationMs: number): void {
    this.#longestMs = Math.max(durationMs, this.#longestMs * decay);
  }

  /** How long a trip may take before what it brings is too late: twice the longest of late. */
  get allowanceMs(): number {
    return 2 * this.#longestMs;
  }
}
