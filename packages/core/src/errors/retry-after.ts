import type { ErrorBody } from "./error-body.ts";

/**
 * How long the server asks to wait, in milliseconds; `undefined` where it does not say.
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
    positive(read("retry-after-ms")) ??
    parseRetryAfter(read("retry-after"), now) ??
    secondsToMs(body?.retryAfterSeconds) ??
    parseReset(read("x-ratelimit-reset"), now);
  return wait === undefined ? undefined : Math.max(0, Math.ceil(wait));
}

function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = positive(value);
  if (seconds !== undefined) return seconds * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : date - now;
}

function parseReset(value: string | undefined, now: number): number | undefined {
  const reset = positive(value);
  if (reset === undefined) return undefined;
  const isEpochMs = reset > 1e11;
  const isEpochSeconds = reset > 1e8;
  if (isEpochMs) return reset - now;
  return isEpochSeconds ? reset * 1000 - now : reset * 1000;
}

function positive(value: string | undefined): number | undefined {
  if (value === undefined || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
