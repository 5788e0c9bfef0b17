import { randomUUID } from "node:crypto";

/**
 * What takes longer hangs. Only time counts in which this process runs: a machine that does something else
 * for minutes has lost no run.
 */
const maxCaseMs = 180_000;
const tickMs = 250;

/** Does work that is told when it takes too long. @throws {Error} then */
export async function within<T>(
  name: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  let leftTicks = maxCaseMs / tickMs;
  // Ticks that a process misses are not made up for.
  const ticking = setInterval(() => {
    leftTicks -= 1;
    if (leftTicks > 0) return;
    const error = new Error(`${name} hangs`);
    late.abort(error);
    reject(error);
  }, tickMs);
  try {
    return await Promise.race([work(late.signal), promise]);
  } finally {
    clearInterval(ticking);
  }
}

/** A key that no other case has. */
export function nextKey(): string {
  return randomUUID();
}
