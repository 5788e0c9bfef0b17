import { AsyncLocalStorage } from "node:async_hooks";
import { systemClock } from "@orchestra/core/extend";

/** Longest time between two attempts, in milliseconds. */
const maxWaitMs = 3_600_000;

export interface RefillOptions {
  /** Until the first attempt, in milliseconds; it doubles with each that fails. */
  readonly retryAfterMs: number;
  /** Whether there is anything to ask for. */
  readonly isNeeded: () => boolean;
  /** Asks once. It does not reject. */
  readonly ask: () => Promise<void>;
}

/**
 * Makes a function that asks again for what could not be had, when it is called and it is time. It asks in
 * the background, one attempt at a time.
 */
export function createRefill({ retryAfterMs, isNeeded, ask }: RefillOptions): () => void {
  let waitMs = retryAfterMs;
  let nextAt = systemClock.now() + waitMs;
  let isAsking = false;
  // The vectors are for all searches: their request belongs to no run, also where the search belongs to one.
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
