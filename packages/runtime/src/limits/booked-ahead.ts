import { expiresAt, type BookedSlot } from "./booked-slot.ts";

/**
 * Slots that a process has reserved ahead of its calls. Instants are by the process's own clock.
 */
export class BookedAhead {
  /** How long each can be used, in milliseconds. */
  readonly forMs: number;
  readonly #max: number;
  #slots: readonly BookedSlot[] = [];
  /** When slots were used recently. */
  #uses: readonly number[] = [];

  constructor(max: number, forMs: number) {
    this.#max = max;
    this.forMs = forMs;
  }

  get count(): number {
    return this.#slots.length;
  }

  get nextExpiryAt(): number {
    return Math.min(...this.#slots.map(expiresAt));
  }

  add(slots: readonly BookedSlot[]): void {
    this.#slots = [...this.#slots, ...slots];
  }

  /** Takes one that can be used now. */
  use(now: number): BookedSlot | undefined {
    const slot = this.#slots.find((each) => now <= expiresAt(each));
    this.#slots = this.#slots.filter((each) => each !== slot);
    return slot;
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
  takeExpired(now: number): readonly BookedSlot[] {
    const expired = this.#slots.filter((each) => now >= expiresAt(each));
    this.#slots = this.#slots.filter((each) => !expired.includes(each));
    return expired;
  }

  takeAll(): readonly BookedSlot[] {
    return this.takeExpired(Infinity);
  }
}
