import { expiresAt, type Lease } from "./turn.ts";

/**
 * Slots that a process has reserved ahead of its calls. Instants are by the process's own clock.
 */
export class LeasesAhead {
  /** How long each can be used, in milliseconds. */
  readonly forMs: number;
  readonly #max: number;
  #leases: readonly Lease[] = [];
  /** When slots were used recently. */
  #uses: readonly number[] = [];

  constructor(max: number, forMs: number) {
    this.#max = max;
    this.forMs = forMs;
  }

  get count(): number {
    return this.#leases.length;
  }

  get nextExpiryAt(): number {
    return Math.min(...this.#leases.map(expiresAt));
  }

  add(leases: readonly Lease[]): void {
    this.#leases = [...this.#leases, ...leases];
  }

  /** Takes one that can be used now. */
  use(now: number): Lease | undefined {
    const lease = this.#leases.find((each) => now <= expiresAt(each));
    this.#leases = this.#leases.filter((each) => each !== lease);
    return lease;
  }

  /** A slot was used, whether or not it was reserved ahead. */
  noteUse(now: number): void {
    this.#uses = [...this.#uses.slice(-this.#max), now];
  }

  /** How many to have ahead: as many as were used recently, because the slots for a single call would expire. */
  wanted(now: number): number {
    return Math.min(this.#max, this.#uses.filter((at) => now - at < this.forMs).length);
  }

  /** Removes and returns the expired ones. */
  takeExpired(now: number): readonly Lease[] {
    const expired = this.#leases.filter((each) => now >= expiresAt(each));
    this.#leases = this.#leases.filter((each) => !expired.includes(each));
    return expired;
  }

  takeAll(): readonly Lease[] {
    return this.takeExpired(Infinity);
  }
}
