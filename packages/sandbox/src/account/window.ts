/** Counts the requests of a period of time, up to a limit. */
export interface Window {
  /** Whether a request fits at `nowMs`; does not count it. */
  fits(nowMs: number): boolean;
  /** Counts a request, also one that does not fit. */
  take(nowMs: number): void;
  used(nowMs: number): number;
  /** When the next request fits, or the window starts again. */
  resetAt(nowMs: number): number;
}

/** Consecutive windows from the epoch on, so that a day is a day in UTC. */
export function createFixedWindow(limit: number, windowMs: number): Window {
  let current = -1;
  let count = 0;
  const advance = (nowMs: number) => {
    const index = Math.floor(nowMs / windowMs);
    if (index !== current) {
      current = index;
      count = 0;
    }
  };
  return {
    fits(nowMs) {
      advance(nowMs);
      return count < limit;
    },
    take(nowMs) {
      advance(nowMs);
      count += 1;
    },
    used(nowMs) {
      advance(nowMs);
      return count;
    },
    resetAt: (nowMs) => (Math.floor(nowMs / windowMs) + 1) * windowMs,
  };
}

/** A bucket that holds `capacity` requests, starts full and refills one every `windowMs / capacity`. */
export function createTokenBucket(capacity: number, windowMs: number): Window {
  const intervalMs = windowMs / capacity;
  let tokens = capacity;
  let filledAt: number | undefined;
  const refill = (nowMs: number) => {
    const passedMs = Math.max(0, nowMs - (filledAt ?? nowMs));
    tokens = Math.min(capacity, tokens + passedMs / intervalMs);
    filledAt = nowMs;
  };
  // A sum of many small refills may be slightly below the whole number that it should be.
  const whole = () => Math.floor(tokens + 1e-9);
  return {
    fits(nowMs) {
      refill(nowMs);
      return whole() >= 1;
    },
    take(nowMs) {
      refill(nowMs);
      tokens -= 1;
    },
    used(nowMs) {
      refill(nowMs);
      return capacity - whole();
    },
    resetAt(nowMs) {
      refill(nowMs);
      return Math.ceil(nowMs + Math.max(0, 1 - tokens) * intervalMs);
    },
  };
}
