import { expiresAt, type Lease } from "./turn.ts";

/**
 * Slots that a process has before there is a call for them. Instants are those of its own clock.
 */
export class LeasesAhead {
  /** How long each may be used, in milliseconds. */
  readonly forMs: number;
  readonly #most: number;
  #leases: readonly Lease[] = [];
  /** When slots were used of late. */
  #uses: readonly number[] = [];

  constructor(most: number, forMs: number) {
    this.#most = most;
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

  /** Takes one that may be used now. */
  use(now: number): Lease | undefined {
    const lease = this.#leases.find((each) => now <= expiresAt(each));
    this.#leases = this.#leases.filter((each) => each !== lease);
    return lease;
  }

  /** A slot was used, be it one of these or not. */
  noteUse(now: number): void {
    this.#uses = [...this.#uses.slice(-this.#most), now];
  }

  /** As many as were used in the time for which one can be had: those of a lone call would only be given back. */
  wanted(now: number): number {
    return Math.min(this.#most, this.#uses.filter((at) => now - at < this.forMs).length);
  }

  /** Takes out what can be used no longer. */
  takeExpired(now: number): readonly Lease[] {
    const expired = this.#leases.filter((each) => now >= expiresAt(each));
    this.#leases = this.#leases.filter((each) => !expired.includes(each));
    return expired;
  }

  takeAll(): readonly Lease[] {
    return this.takeExpired(Infinity);
  }
}
