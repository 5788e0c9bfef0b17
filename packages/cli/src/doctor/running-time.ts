import { setTimeout as sleep } from "node:timers/promises";

const tickMs = 50;

/**
 * Resolves when this process has been able to run for `ms` milliseconds, or when the signal aborts. Time in which
 * it is blocked, because it loads code or other programs use the processor, counts as at most one tick (50 ms). So
 * work on a slow machine is not taken for work that never ends.
 */
export async function runningTime(ms: number, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0 && !signal.aborted; left -= tickMs) {
    await sleep(Math.min(tickMs, left), undefined, { signal }).catch(() => undefined);
  }
}

/** Resolves to the result of the work, or to `"late"` if it takes longer than this {@link runningTime}. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | "late"> {
  const done = new AbortController();
  try {
    return await Promise.race([work, runningTime(ms, done.signal).then(() => "late" as const)]);
  } finally {
    done.abort();
  }
}
