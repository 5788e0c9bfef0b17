/**
 * How many requests may be under way: the limit, or less for a while after the server refused one
 * for those in flight. Halving at a refusal and growing by one at a time finds what the server
 * bears without asking (additive increase, multiplicative decrease).
 */
export class InFlight {
  readonly #recoveryStepMs: number;
  #count = 0;
  #shrunkTo = Infinity;
  #shrunkAt = -Infinity;
  #heldUntil = -Infinity;

  /** @param recoveryStepMs - After how long, each time, one more may be under way again. */
  constructor(recoveryStepMs: number) {
    this.#recoveryStepMs = recoveryStepMs;
  }

  get count(): number {
    return this.#count;
  }

  add(): void {
    this.#count += 1;
  }

  remove(): void {
    this.#count -= 1;
  }

  /** @param grantedAt - When the refused request was granted: of those sent together one shrinks. */
  shrink(until: number, grantedAt: number, now: number): void {
    if (grantedAt > this.#shrunkAt) {
      this.#shrunkTo = Math.max(1, Math.floor(this.#count / 2));
      this.#shrunkAt = now;
    }
    this.#heldUntil = Math.max(this.#heldUntil, until);
  }

  /** How many may be under way now. */
  max(limit: number, now: number): number {
    const recoveredMs = Math.max(0, now - this.#heldUntil);
    return Math.min(limit, this.#shrunkTo + Math.floor(recoveredMs / this.#recoveryStepMs));
  }

  /** When one more may be under way if none ends before; `Infinity` where one has to end. */
  fitsAt(limit: number, now: number): number {
    if (this.#count < this.max(limit, now)) return now;
    if (this.#count >= limit) return Infinity;
    const steps = this.#count + 1 - this.#shrunkTo;
    const at = this.#heldUntil + steps * this.#recoveryStepMs;
    // The division in `max` may round a step down that this sum has reached; a moment later it has not.
    return at > now ? at : now + 1;
  }
}
