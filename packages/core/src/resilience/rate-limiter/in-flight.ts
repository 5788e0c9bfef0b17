import { finite } from "./finite.ts";

/** An {@link InFlight} as plain JSON. */
export interface InFlightJson {
  readonly count?: number;
  readonly shrunkTo?: number;
  readonly shrunkAt?: number;
  readonly heldUntil?: number;
}

/**
 * How many requests may be under way: the limit, or less for a while after the server refused one
 * for those in flight. Halving at a refusal and growing by one at a time finds what the server
 * bears without asking (additive increase, multiplicative decrease).
 */
export class InFlight {
  readonly #recoveryStepMs: number;
  #shrunkTo: number;
  #shrunkAt: number;
  #heldUntil: number;
  /** Requests under way. */
  count: number;

  /** @param recoveryStepMs - After how long, each time, one more may be under way again. */
  constructor(recoveryStepMs: number, json: InFlightJson = {}) {
    this.#recoveryStepMs = recoveryStepMs;
    this.count = json.count ?? 0;
    this.#shrunkTo = json.shrunkTo ?? Infinity;
    this.#shrunkAt = json.shrunkAt ?? -Infinity;
    this.#heldUntil = json.heldUntil ?? -Infinity;
  }

  /** @param grantedAt - When the refused request was granted: of those sent together one shrinks. */
  shrink(until: number, grantedAt: number, now: number): void {
    if (grantedAt > this.#shrunkAt) {
      this.#shrunkTo = Math.max(1, Math.floor(this.count / 2));
      this.#shrunkAt = now;
    }
    this.#heldUntil = Math.max(this.#heldUntil, until);
  }

  /** How many may be under way now. */
  max(limit: number, now: number): number {
    const recoveredMs = Math.max(0, now - this.#heldUntil);
    return Math.min(limit, this.#shrunkTo + Math.floor(recoveredMs / this.#recoveryStepMs));
  }

  /** When so many more may be under way if none ends before; `Infinity` where one has to end. */
  fitsAt(calls: number, limit: number, now: number): number {
    const count = this.count + calls;
    if (count <= this.max(limit, now)) return now;
    if (count > limit) return Infinity;
    const at = this.#heldUntil + (count - this.#shrunkTo) * this.#recoveryStepMs;
    // The division in `max` may round a step down that this sum has reached; a moment later it has not.
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
