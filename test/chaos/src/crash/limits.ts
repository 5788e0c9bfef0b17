import { randomUUID } from "node:crypto";

/**
 * A case that takes longer hangs. Time in which this process does not run is not counted, so a busy machine does not
 * make a run count as lost.
 */
const maxCaseMs = 180_000;
const tickMs = 250;

/** Does work with a time limit. After it, the signal aborts. @throws {Error} if the work takes too long */
export async function within<T>(
  name: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  let leftTicks = maxCaseMs / tickMs;
  // A blocked process misses ticks, and they are not counted later.
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
