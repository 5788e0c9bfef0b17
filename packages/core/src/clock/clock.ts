import { setTimeout as delay } from "node:timers/promises";

/**
 * The only way in which core reads or waits for time, so that tests can own it.
 */
export interface Clock {
  /** The instant, in milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Waits, or rejects with the signal's reason as soon as the signal aborts. */
  readonly sleep: (durationMs: number, signal?: AbortSignal) => Promise<void>;
  /**
   * Calls back after a time. Cheaper than a sleep where most timers never ring.
   *
   * @param isBackground - Whether the process may end before. @defaultValue `false`
   * @returns cancels it
   */
  readonly after: (durationMs: number, callback: () => void, isBackground?: boolean) => () => void;
}

/** Node takes a longer delay for one of a millisecond. */
const maxDelayMs = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),

  async sleep(durationMs, signal) {
    signal?.throwIfAborted();
    try {
      for (let left = durationMs; left > 0; left -= maxDelayMs) {
        await delay(Math.min(left, maxDelayMs), undefined, signal ? { signal } : {});
      }
    } catch (error) {
      // Node wraps the reason in an AbortError of its own; callers want theirs back.
      signal?.throwIfAborted();
      throw error;
    }
  },

  after(durationMs, callback, isBackground = false) {
    const isLong = durationMs > maxDelayMs;
    const next = isLong
      ? () => (cancelNext = systemClock.after(durationMs - maxDelayMs, callback, isBackground))
      : callback;
    let cancelNext: (() => void) | undefined;
    const timer = setTimeout(next, isLong ? maxDelayMs : durationMs);
    if (isBackground) timer.unref();
    return () => {
      clearTimeout(timer);
      cancelNext?.();
    };
  },
};

/** What the work resolves to, or `undefined` where it takes longer. */
export function within<T>(
  clock: Clock,
  timeoutMs: number,
  work: Promise<T>,
): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const cancel = clock.after(timeoutMs, () => resolve(undefined));
  return Promise.race([work, promise]).finally(cancel);
}

/** The work's result, or the signal's reason at once, even if the work does not listen to the signal. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    // No caller gets the work's result: its failure must not become an unhandled rejection.
    work.catch(() => undefined);
    throw signal.reason;
  }
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
