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

/** The two clocks of a machine, in milliseconds. */
interface Readings {
  /** Since the epoch. It is set, by people and by NTP. */
  readonly wall: () => number;
  /** Since the process began. It stands still while the machine sleeps. */
  readonly steady: () => number;
}

/** The real clocks: a test of the program may later replace the global functions. */
const machine: Readings = { wall: Date.now.bind(Date), steady: performance.now.bind(performance) };

/** The wall clock counts whole milliseconds, and is corrected a little all the time. */
const toleranceMs = 1000;

/**
 * Makes a clock that never goes back: waits would become longer by what a clock is set back. It follows the
 * wall clock forward, after a sleep of the machine for example: servers' dates, and the ends of days, are by
 * the wall clock.
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

/** Node takes a longer delay for one of a millisecond. */
const maxDelayMs = 2 ** 31 - 1;
/** Timers stand still while the machine sleeps: a long wait is late by this at most. */
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
