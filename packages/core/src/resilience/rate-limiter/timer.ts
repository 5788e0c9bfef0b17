import type { Clock } from "../../clock/index.ts";

/**
 * One timer, which can be set to another instant. It keeps the process alive, because calls wait for
 * it.
 */
export class Timer {
  readonly #clock: Clock;
  readonly #onTime: () => void;
  #at = Infinity;
  #sleep = new AbortController();

  constructor(clock: Clock, onTime: () => void) {
    this.#clock = clock;
    this.#onTime = onTime;
  }

  /** Calls back once at the instant, and not at the one set before; `Infinity` for never. */
  set(at: number): void {
    if (at === this.#at) return;
    this.#sleep.abort();
    this.#at = at;
    if (at === Infinity) return;
    const sleep = new AbortController();
    this.#sleep = sleep;
    void this.#callBackAfter(Math.max(0, at - this.#clock.now()), sleep.signal);
  }

  async #callBackAfter(durationMs: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(durationMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (signal.aborted) return;
    this.#at = Infinity;
    this.#onTime();
  }
}
