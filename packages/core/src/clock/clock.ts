import { setTimeout as delay } from "node:timers/promises";

/**
 * The only way in which core reads or waits for time, so that tests can control it.
 */
export interface Clock {
  /** The instant, in milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Waits, or rejects with the signal's reason as soon as the signal aborts. */
  readonly sleep: (durationMs: number, signal?: AbortSignal) => Promise<void>;
  /**
   * Calls a function after a time. Cheaper than a sleep if most timers are cancelled.
   *
   * @param isBackground - Whether the process may end before the timer fires. @defaultValue `false`
   * @returns a function that cancels the timer
   */
  readonly after: (durationMs: number, callback: () => void, isBackground?: boolean) => () => void;
}

/** The two clocks of a machine, in milliseconds. */
interface Readings {
  /** Since the epoch. People and NTP set this clock. */
  readonly wall: () => number;
  /** Since the process began. It stops while the machine sleeps. */
  readonly steady: () => number;
}

/** The real clocks: a test of the program may later replace the global functions. */
const machine: Readings = { wall: Date.now.bind(Date), steady: performance.now.bind(performance) };

/** The wall clock counts whole milliseconds, and is corrected by small amounts all the time. */
const toleranceMs = 1000;

/**
 * Creates a clock that never goes back, because waits would become longer by the time that a clock is set back.
 * It follows the wall clock forward, for example after the machine has slept: dates of servers and the ends of days
 * depend on the wall clock.
 */
export function neverBack({ wall, steady }: Readings = machine): () => number {
  let start = performance.timeOrigin;
  return () => {
    const now = start + steady();
    const behindMs = wall() - now;
    if (behindMs <= toleranceMs) return now;
    start += behindMs;
    return now + behindMs;
  };
}

/** Node replaces a longer delay by one millisecond. */
const maxDelayMs = 2 ** 31 - 1;
/** Timers stop while the machine sleeps: a long wait is late by this time at most. */
const maxLateMs = 60_000;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: neverBack(),

  async sleep(durationMs, signal) {
    signal?.throwIfAborted();
    const endsAt = systemClock.now() + durationMs;
    try {
      for (let left = durationMs; left > 0; left = endsAt - systemClock.now()) {
        await delay(Math.min(left, maxLateMs), undefined, signal ? { signal } : {});
      }
    } catch (error) {
      // Node wraps the reason in its own AbortError; callers need the original reason.
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

/** The result of the work, or `undefined` if it takes longer. */
export function within<T>(
  clock: Clock,
  timeoutMs: number,
  work: Promise<T>,
): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const cancel = clock.after(timeoutMs, () => resolve(undefined));
  return Promise.race([work, promise]).finally(cancel);
}

/** The result of the work, or the signal's reason at once, even if the work ignores the signal. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    // The result of the work is not used: its failure must not become an unhandled rejection.
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
