import type { ErrorBody } from "./error-body.ts";

/**
 * How long the server asks to wait, in milliseconds; `undefined` where it does not say, or names
 * an instant that has passed.
 *
 * Reads, in this order, `retry-after-ms`, `Retry-After` (RFC 9110: seconds or a date),
 * the body's own hints, and `X-RateLimit-Reset` (OpenRouter: milliseconds since the epoch;
 * others: seconds).
 */
export function readRetryAfter(
  header: (name: string) => string | undefined,
  body: ErrorBody | undefined,
  now: number,
): number | undefined {
  const read = (name: string) => header(name) ?? body?.headers.get(name);
  const wait =
    amount(read("retry-after-ms")) ??
    parseRetryAfter(read("retry-after"), now) ??
    secondsToMs(body?.retryAfterSeconds) ??
    parseReset(read("x-ratelimit-reset"), now);
  return wait === undefined ? undefined : Math.min(Math.ceil(wait), maxWaitMs);
}

/** A year. A server may ask for more than a `Date` can hold. */
const maxWaitMs = 366 * 86_400_000;

/** All three forms of a date that HTTP allows hold a time; `Date.parse` takes nearly anything. */
const httpDate = /^[A-Za-z]{3,9},? .*\d\d:\d\d:\d\d/;

function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = amount(value);
  if (seconds !== undefined) return seconds * 1000;
  return httpDate.test(value) ? until(Date.parse(value), now) : undefined;
}

function parseReset(value: string | undefined, now: number): number | undefined {
  const reset = amount(value);
  if (reset === undefined) return undefined;
  const isEpochMs = reset > 1e11;
  const isEpochSeconds = reset > 1e8;
  if (isEpochMs) return until(reset, now);
  return isEpochSeconds ? until(reset * 1000, now) : reset * 1000;
}

/** A date that has passed, by clocks that never quite agree, asks for no certain wait. */
function until(at: number, now: number): number | undefined {
  return at > now ? at - now : undefined;
}

function amount(value: string | undefined): number | undefined {
  return value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds >= 0 ? seconds * 1000 : undefined;
}
