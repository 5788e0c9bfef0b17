import type { ErrorBody } from "./error-body.ts";
import type { ErrorKind } from "./error-kinds.ts";
import { secondsIn } from "./read-wait.ts";

/**
 * The wait time from the server, in milliseconds; `undefined` if there is none, or if its
 * instant has passed.
 *
 * Reads, in this order, `retry-after-ms`, `Retry-After` (RFC 9110: seconds or a date; servers also
 * write `1s`, `500ms`, an ISO date, or several), the body's own hints, and `X-RateLimit-Reset` (OpenRouter: milliseconds since the epoch;
 * others: seconds). Servers send this reset with every response: it is a wait only if the limit is used up.
 */
export function readRetryAfter(
  header: (name: string) => string | undefined,
  body: ErrorBody | undefined,
  kind: ErrorKind,
  now: number,
): number | undefined {
  const read = (name: string) => header(name) ?? body?.headers.get(name);
  const isLimit = kind === "rate_limit_error" || kind === "quota_error";
  const isUsedUp = isLimit && !(Number(read("x-ratelimit-remaining")) > 0);
  const wait =
    toMs(read("retry-after-ms"), 0.001) ??
    parseRetryAfter(read("retry-after"), now) ??
    secondsToMs(body?.retryAfterSeconds) ??
    (isUsedUp ? parseReset(read("x-ratelimit-reset"), now) : undefined);
  return wait === undefined ? undefined : Math.min(Math.ceil(wait), maxWaitMs);
}

/** A year. A server may send more than a `Date` can represent. */
const maxWaitMs = 366 * 86_400_000;

/** All three forms of a date in HTTP contain a time, as ISO dates do; `Date.parse` accepts nearly anything. */
const date = /^([A-Za-z]{3,9},? |\d{4}-\d\d-\d\d[T ]).*\d\d:\d\d:\d\d/;

/** Headers that several proxies have set are a list: the longest wait satisfies all. */
const maxListed = 10;

function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (date.test(value)) return until(Date.parse(value), now);
  const waits = value.split(",", maxListed).map((each) => toMs(each));
  const known = waits.filter((wait) => wait !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function parseReset(value: string | undefined, now: number): number | undefined {
  // With a unit, as OpenAI sends it, it is the time until the whole limit is available again.
  if (value === undefined || !/^[\s\d.]+$/.test(value)) return undefined;
  const reset = Number(value);
  const isEpochMs = reset > 1e11;
  const isEpochSeconds = reset > 1e8;
  if (isEpochMs) return until(reset, now);
  return isEpochSeconds ? until(reset * 1000, now) : reset * 1000;
}

/** A date in the past does not give a wait time, because clocks differ. */
function until(at: number, now: number): number | undefined {
  return at > now ? at - now : undefined;
}

function toMs(value: string | undefined, unit?: number): number | undefined {
  return secondsToMs(secondsIn(value, unit));
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds >= 0 ? seconds * 1000 : undefined;
}
