import type { Clock } from "../clock/index.ts";

export interface ProgressWatchOptions {
  readonly clock: Clock;
  /** Longest silence before the first sign of progress, in milliseconds. @defaultValue no limit */
  readonly firstMs?: number | undefined;
  /** Longest silence between two signs of progress, in milliseconds. @defaultValue no limit */
  readonly betweenMs?: number | undefined;
  /** Called once, when a silence has lasted too long. */
  readonly onSilence: (silence: "first" | "between", limitMs: number) => void;
}

/**
 * Notices when something that should make progress does not: an answer whose first token is late,
 * or a stream that stalls.
 */
export class ProgressWatch implements Disposable {
  readonly #options: ProgressWatchOptions;
  #cancelTimer: (() => void) | undefined;
  #lastAt: number;
  #hasBegun = false;

  constructor(options: ProgressWatchOptions) {
    this.#options = options;
    this.#lastAt = options.clock.now();
    this.#watch("first", options.firstMs);
  }

  /** A sign of progress. */
  progress(): void {
    this.#lastAt = this.#options.clock.now();
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#cancelTimer?.();
    this.#watch("between", this.#options.betweenMs);
  }

  /** Rings when the silence would be too long; progress in the meantime only moves the goal. */
  #watch(silence: "first" | "between", limitMs: number | undefined): void {
    if (limitMs === undefined) return;
    const { clock, onSilence } = this.#options;
    const leftMs = this.#lastAt + limitMs - clock.now();
    this.#cancelTimer = clock.after(Math.max(0, leftMs), () => {
      const isTooLong = clock.now() - this.#lastAt >= limitMs;
      if (isTooLong) onSilence(silence, limitMs);
      else this.#watch(silence, limitMs);
    });
  }

  [Symbol.dispose](): void {
    this.#cancelTimer?.();
  }
}
