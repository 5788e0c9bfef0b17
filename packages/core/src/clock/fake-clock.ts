import { z } from "zod";
import { checkInput } from "../input/check-input.ts";
import { callback } from "../input/schemas.ts";
import type { Clock } from "./clock.ts";

interface Sleeper {
  readonly wakesAt: number;
  readonly wake: () => void;
}

/**
 * A clock that a test advances.
 *
 * @example
 * ```ts
 * const clock = new FakeClock();
 * const woken = clock.sleep(1000);
 * await clock.advance(999); // still waiting
 * await clock.advance(1); // `woken` is resolved
 * ```
 */
export class FakeClock implements Clock {
  readonly #settled: () => Promise<void>;
  #now: number;
  #sleepers: Sleeper[] = [];

  /**
   * @param startAt - Milliseconds since the epoch. @defaultValue 2026-01-01T00:00:00Z
   * @param settled - Resolves when all work that is due at one instant is done.
   * @defaultValue one iteration of the event loop, which is enough without I/O
   */
  constructor(startAt: number = Date.UTC(2026, 0, 1), settled: () => Promise<void> = oneTurn) {
    checkInput(z.number(), startAt, "new FakeClock()", "startAt");
    checkInput(callback, settled, "new FakeClock()", "settled");
    this.#now = startAt;
    this.#settled = settled;
  }

  readonly now = (): number => this.#now;

  readonly sleep = (durationMs: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        wakesAt: this.#now + durationMs,
        wake: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#sleepers.push(sleeper);
    });

  readonly after = (durationMs: number, callback: () => void): (() => void) => {
    const sleeper: Sleeper = { wakesAt: this.#now + durationMs, wake: callback };
    this.#sleepers.push(sleeper);
    return () => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    };
  };

  /** Number of pending sleeps; 0 shows that no timer is left. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /**
   * Advances the time. Sleeps end in their order, each at its own instant. When this resolves, the work
   * that they started is done; with I/O, see the constructor.
   */
  async advance(durationMs: number): Promise<void> {
    checkInput(z.number().min(0), durationMs, "advance()", "durationMs");
    const target = this.#now + durationMs;
    await this.#settled();
    for (;;) {
      const next = this.#sleepers
        .filter(({ wakesAt }) => wakesAt <= target)
        .toSorted((a, b) => a.wakesAt - b.wakesAt)[0];
      if (!next) break;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.wakesAt);
      next.wake();
      await this.#settled();
    }
    this.#now = target;
  }
}

/** One iteration of the event loop, after which all promises that can settle have settled. */
function oneTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
