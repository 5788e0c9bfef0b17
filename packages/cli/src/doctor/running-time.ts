import { setTimeout as sleep } from "node:timers/promises";

const tickMs = 50;

/**
 * Resolves after a time in which this process could run, or when the signal aborts. While the process loads
 * code, or other programs have the processor, at most a tick counts: what is only slow is not taken for
 * what never ends.
 */
export async function runningTime(ms: number, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0 && !signal.aborted; left -= tickMs) {
    await sleep(Math.min(tickMs, left), undefined, { signal }).catch(() => undefined);
  }
}

/** What work resolves to; `"late"` where it takes longer than this {@link runningTime}. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | "late"> {
  const done = new AbortController();
  try {
    return await Promise.race([work, runningTime(ms, done.signal).then(() => "late" as const)]);
  } finally {
    done.abort();
  }
}
