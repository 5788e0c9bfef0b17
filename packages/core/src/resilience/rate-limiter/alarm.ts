import type { Clock } from "../../clock/index.ts";

/** One timer at a time. It keeps the process alive, as the calls do that wait for it. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at = Infinity;
  #sleep = new AbortController();

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `at` instead of at any instant set before; `Infinity` for never. */
  set(at: number): void {
    if (at === this.#at) return;
    this.#sleep.abort();
    this.#at = at;
    if (at === Infinity) return;
    const sleep = new AbortController();
    this.#sleep = sleep;
    void this.#ringAfter(Math.max(0, at - this.#clock.now()), sleep.signal);
  }

  async #ringAfter(durationMs: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(durationMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (signal.aborted) return;
    this.#at = Infinity;
    this.#ring();
  }
}
