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
  readonly #finished = new AbortController();
  #lastAt: number;
  #hasBegun = false;

  constructor(options: ProgressWatchOptions) {
    this.#options = options;
    this.#lastAt = options.clock.now();
    if (options.firstMs !== undefined) void this.#watch("first", options.firstMs);
  }

  /** A sign of progress. */
  progress(): void {
    this.#lastAt = this.#options.clock.now();
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { betweenMs } = this.#options;
    if (betweenMs !== undefined) void this.#watch("between", betweenMs);
  }

  /** Sleeps until the silence would be too long; progress in the meantime only moves the goal. */
  async #watch(silence: "first" | "between", limitMs: number): Promise<void> {
    const { clock, onSilence } = this.#options;
    for (;;) {
      const leftMs = this.#lastAt + limitMs - clock.now();
      if (leftMs <= 0) break;
      try {
        await clock.sleep(leftMs, this.#finished.signal);
      } catch {
        return;
      }
      if (silence === "first" && this.#hasBegun) return;
    }
    if (!this.#finished.signal.aborted) onSilence(silence, limitMs);
  }

  [Symbol.dispose](): void {
    this.#finished.abort();
  }
}
