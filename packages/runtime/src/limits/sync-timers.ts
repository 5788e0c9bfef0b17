import type { Clock } from "@orchestra/core";
import { Timer } from "@orchestra/core/limits";

/** The timers of the next sync. */
export class SyncTimers {
  readonly #clock: Clock;
  readonly #onTime: () => void;
  /** Keeps the process alive. */
  readonly #timer: Timer;
  #cancelBackground: () => void = () => undefined;

  constructor(clock: Clock, onTime: () => void) {
    this.#clock = clock;
    this.#onTime = () => {
      // One sync serves both.
      this.set(Infinity, Infinity);
      onTime();
    };
    this.#timer = new Timer(clock, this.#onTime);
  }

  /**
   * Replaces both timers. `Infinity` is never.
   *
   * @param waitingAt - The next sync for calls that wait; it keeps the process alive.
   * @param backgroundAt - The next sync for anything else.
   */
  set(waitingAt: number, backgroundAt: number): void {
    this.#timer.set(waitingAt);
    this.#cancelBackground();
    this.#cancelBackground = () => undefined;
    if (backgroundAt === Infinity) return;
    const afterMs = Math.max(0, backgroundAt - this.#clock.now());
    this.#cancelBackground = this.#clock.after(afterMs, this.#onTime, true);
  }
}
