import { finite } from "./finite.ts";

/** An {@link InFlight} as plain JSON. */
export interface InFlightJson {
  readonly count?: number;
  readonly shrunkTo?: number;
  readonly shrunkAt?: number;
  readonly heldUntil?: number;
}

/**
 * The number of requests in flight and its limit, which is lower for a while after the server
 * refused a request because of those in flight: halved by each refusal, then raised one at a time
 * (additive increase, multiplicative decrease).
 */
export class InFlight {
  readonly #recoveryStepMs: number;
  #shrunkTo: number;
  #shrunkAt: number;
  #heldUntil: number;
  /** Requests in flight. */
  count: number;

  /** @param recoveryStepMs - Time after which the lowered limit rises by one. */
  constructor(recoveryStepMs: number, json: InFlightJson = {}) {
    this.#recoveryStepMs = recoveryStepMs;
    this.count = json.count ?? 0;
    this.#shrunkTo = json.shrunkTo ?? Infinity;
    this.#shrunkAt = json.shrunkAt ?? -Infinity;
    this.#heldUntil = json.heldUntil ?? -Infinity;
  }

  /** @param grantedAt - Of requests that were granted together, only one refusal lowers the limit. */
  shrink(until: number, grantedAt: number, now: number): void {
    if (grantedAt > this.#shrunkAt) {
      this.#shrunkTo = Math.max(1, Math.floor(this.count / 2));
      this.#shrunkAt = now;
    }
    this.#heldUntil = Math.max(this.#heldUntil, until);
  }

  /** The limit at this instant. */
  max(limit: number, now: number): number {
    const recoveredMs = Math.max(0, now - this.#heldUntil);
    return Math.min(limit, this.#shrunkTo + Math.floor(recoveredMs / this.#recoveryStepMs));
  }

  /** When this many more requests fit if none ends before; `Infinity` if one has to end first. */
  fitsAt(calls: number, limit: number, now: number): number {
    const count = this.count + calls;
    if (count <= this.max(limit, now)) return now;
    if (count > limit) return Infinity;
    const at = this.#heldUntil + (count - this.#shrunkTo) * this.#recoveryStepMs;
    // Rounding in `max` can give one step less than this sum at the very instant; 1 ms later it does not.
    return at > now ? at : now + 1;
  }

  toJSON(): InFlightJson {
    return {
      count: this.count,
      ...finite({
        shrunkTo: this.#shrunkTo,
        shrunkAt: this.#shrunkAt,
        heldUntil: this.#heldUntil,
      }),
    };
  }
}
