import type { ErrorBody } from "./error-body.ts";
import { secondsIn } from "./read-wait.ts";

/**
 * How long the server asks to wait, in milliseconds; `undefined` where it does not say, or names
 * an instant that has passed.
 *
 * Reads, in this order, `retry-after-ms`, `Retry-After` (RFC 9110: seconds or a date; servers also
 * write `1s`, `500ms`, an ISO date, or several), the body's own hints, and `X-RateLimit-Reset` (OpenRouter: milliseconds since the epoch;
 * others: seconds).
 */
export function readRetryAfter(
  header: (name: string) => string | undefined,
  body: ErrorBody | undefined,
  now: number,
): number | undefined {
  const read = (name: string) => header(name) ?? body?.headers.get(name);
  const wait =
    toMs(read("retry-after-ms"), 0.001) ??
    parseRetryAfter(read("retry-after"), now) ??
    secondsToMs(body?.retryAfterSeconds) ??
    parseReset(read("x-ratelimit-reset"), now);
  return wait === undefined ? undefined : Math.min(Math.ceil(wait), maxWaitMs);
}

/** A year. A server may ask for more than a `Date` can hold. */
const maxWaitMs = 366 * 86_400_000;

/** All three forms of a date that HTTP allows hold a time, as ISO dates do; `Date.parse` takes nearly anything. */
const date = /^([A-Za-z]{3,9},? |\d{4}-\d\d-\d\d[T ]).*\d\d:\d\d:\d\d/;

/** Headers that proxies add to one another come as a list: the longest wait fits all. */
const maxListed = 10;

function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (date.test(value)) return until(Date.parse(value), now);
  const waits = value.split(",", maxListed).map((each) => toMs(each));
  const known = waits.filter((wait) => wait !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function parseReset(value: string | undefined, now: number): number | undefined {
  // With a unit, as OpenAI writes it, it is the time until nothing of the limit is used.
  if (value === undefined || !/^[\s\d.]+$/.test(value)) return undefined;
  const reset = Number(value);
  const isEpochMs = reset > 1e11;
  const isEpochSeconds = reset > 1e8;
  if (isEpochMs) return until(reset, now);
  return isEpochSeconds ? until(reset * 1000, now) : reset * 1000;
}

/** A date that has passed, by clocks that never quite agree, asks for no certain wait. */
function until(at: number, now: number): number | undefined {
  return at > now ? at - now : undefined;
}

function toMs(value: string | undefined, unit?: number): number | undefined {
  return secondsToMs(secondsIn(value, unit));
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds >= 0 ? seconds * 1000 : undefined;
}
