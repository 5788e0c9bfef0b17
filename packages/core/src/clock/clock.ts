import { setTimeout as delay } from "node:timers/promises";

/**
 * The only way in which core reads or waits for time, so that tests can own it.
 */
export interface Clock {
  /** The instant, in milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Waits, or rejects with the signal's reason as soon as the signal aborts. */
  readonly sleep: (durationMs: number, signal?: AbortSignal) => Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),

  async sleep(durationMs, signal) {
    signal?.throwIfAborted();
    try {
      await delay(durationMs, undefined, signal ? { signal } : {});
    } catch (error) {
      // Node wraps the reason in an AbortError of its own; callers want theirs back.
      signal?.throwIfAborted();
      throw error;
    }
  },
};
