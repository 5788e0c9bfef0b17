import { resolveLimits, type LimitOptions, type ResolvedLimits } from "./limits.ts";
import { createFixedWindow, createTokenBucket, type Window } from "./window.ts";

const DAY_MS = 86_400_000;

/** The one account of all keys: it counts the requests of all clients. */
export interface Account {
  readonly limits: ResolvedLimits;
  /** Counts a request, or returns the limit that it exceeds. A refused request is not counted. */
  admit(nowMs: number): "admitted" | "rate-limit-minute" | "rate-limit-day";
  usedToday(nowMs: number): number;
  minuteResetAt(nowMs: number): number;
  dayResetAt(nowMs: number): number;
  /** Resets the counts. */
  reset(): void;
}

/** An unused account. */
export function createAccount(options?: LimitOptions): Account {
  const limits = resolveLimits(options);
  let minute = createMinute(limits);
  let day = createFixedWindow(limits.requestsPerDay, DAY_MS);
  return {
    limits,
    admit(nowMs) {
      if (!day.fits(nowMs)) return "rate-limit-day";
      if (!minute.fits(nowMs)) return "rate-limit-minute";
      day.take(nowMs);
      minute.take(nowMs);
      return "admitted";
    },
    usedToday: (nowMs) => day.used(nowMs),
    minuteResetAt: (nowMs) => minute.resetAt(nowMs),
    dayResetAt: (nowMs) => day.resetAt(nowMs),
    reset() {
      minute = createMinute(limits);
      day = createFixedWindow(limits.requestsPerDay, DAY_MS);
    },
  };
}

function createMinute({ algorithm, requestsPerMinute, windowMs }: ResolvedLimits): Window {
  return algorithm === "token-bucket" && Number.isFinite(requestsPerMinute)
    ? createTokenBucket(requestsPerMinute, windowMs)
    : createFixedWindow(requestsPerMinute, windowMs);
}
