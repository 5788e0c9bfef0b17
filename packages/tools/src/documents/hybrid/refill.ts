import { AsyncLocalStorage } from "node:async_hooks";
import { systemClock } from "@orchestra/core/extend";

/** Longest time between two attempts, in milliseconds. */
const maxWaitMs = 3_600_000;

export interface RefillOptions {
  /** Time until the first attempt, in milliseconds; it doubles with each failed one. */
  readonly retryAfterMs: number;
  /** Whether there is anything to request. */
  readonly isNeeded: () => boolean;
  /** Makes one request. It does not reject. */
  readonly ask: () => Promise<void>;
}

/**
 * Creates a function that requests missing vectors again, if it is called when it is time. The request is made in
 * the background, one attempt at a time.
 */
export function createRefill({ retryAfterMs, isNeeded, ask }: RefillOptions): () => void {
  let waitMs = retryAfterMs;
  let nextAt = systemClock.now() + waitMs;
  let isAsking = false;
  // The vectors are for all searches, so their request belongs to no run, even if the search does.
  const outside = AsyncLocalStorage.snapshot();
  const attempt = async () => {
    await ask();
    isAsking = false;
    waitMs = Math.min(waitMs * 2, maxWaitMs);
    nextAt = systemClock.now() + waitMs;
  };
  return () => {
    if (isAsking || systemClock.now() < nextAt || !isNeeded()) return;
    isAsking = true;
    outside(() => void attempt());
  };
}
