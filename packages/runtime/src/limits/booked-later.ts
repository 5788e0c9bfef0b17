import type { Clock } from "@orchestra/core";
import { Timer, type WaitingRequest } from "@orchestra/core/limits";
import type { BookedSlot } from "./booked-slot.ts";

/** A slot, and the call that it is booked for. */
export interface Grant {
  readonly call: WaitingRequest;
  readonly slot: BookedSlot;
}

/** Slots that become free a moment later. Each is booked for a call, which waits for it without asking again. */
export class BookedLater {
  readonly #clock: Clock;
  readonly #onFree: (grant: Grant) => void;
  readonly #timer: Timer;
  /** Instants are by the process's own clock. */
  readonly #grants = new Map<WaitingRequest, Grant & { readonly freeAt: number }>();

  constructor(clock: Clock, onFree: (grant: Grant) => void) {
    this.#clock = clock;
    this.#onFree = onFree;
    this.#timer = new Timer(clock, () => this.#handOut());
  }

  get count(): number {
    return this.#grants.size;
  }

  has(call: WaitingRequest): boolean {
    return this.#grants.has(call);
  }

  add(grant: Grant, freeAt: number): void {
    this.#grants.set(grant.call, { ...grant, freeAt });
    this.#setTimer();
  }

  /** Removes and returns the slots of some calls. */
  take(isTaken: (call: WaitingRequest) => boolean): readonly BookedSlot[] {
    const taken = [...this.#grants.values()].filter(({ call }) => isTaken(call));
    for (const { call } of taken) this.#grants.delete(call);
    this.#setTimer();
    return taken.map(({ slot }) => slot);
  }

  #handOut(): void {
    const now = this.#clock.now();
    for (const { freeAt, ...grant } of this.#grants.values()) {
      if (freeAt > now) continue;
      this.#grants.delete(grant.call);
      this.#onFree(grant);
    }
    this.#setTimer();
  }

  #setTimer(): void {
    this.#timer.set(Math.min(...[...this.#grants.values()].map(({ freeAt }) => freeAt)));
  }
}
