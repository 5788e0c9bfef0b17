import { nextUtcMidnight } from "../../clock/utc-day.ts";
import type { ModelError } from "../../errors/index.ts";
import type { Refusal } from "../../resilience/rate-limiter/index.ts";

export interface AccountRefusal extends Pick<Refusal, "scope" | "until"> {
  /** Whether the server requires a longer wait. */
  readonly isCapped: boolean;
}

/** A refused day ends at most this long after midnight UTC: clocks differ. */
const dayMarginMs = 60_000;

/**
 * What a refused request tells about the account. `undefined` if a provider is busy, or if the
 * server does not state a time.
 *
 * @param now - In milliseconds since the epoch.
 * @param maxDelayMs - Maximum time for which one refusal delays other requests, except a refusal for
 * the day. If the server requires a longer wait, a request is tried after this time.
 */
export function readRefusal(
  error: ModelError,
  now: number,
  maxDelayMs: number,
): AccountRefusal | undefined {
  const scope = scopeOf(error);
  if (!scope) return undefined;
  const maxUntil = scope === "day" ? nextUtcMidnight(now) + dayMarginMs : now + maxDelayMs;
  const waitMs = error.retryAfterMs ?? (scope === "day" ? nextUtcMidnight(now) - now : undefined);
  if (waitMs === undefined || Number.isNaN(waitMs) || waitMs <= 0) return undefined;
  return { scope, until: Math.min(now + waitMs, maxUntil), isCapped: now + waitMs > maxUntil };
}

function scopeOf({ kind, details }: ModelError): Refusal["scope"] | undefined {
  const { reason, limitSource, provider } = details;
  if (reason === "daily_quota") return "day";
  if (reason === "in_flight_budget") return "concurrency";
  const isOfProvider = provider !== undefined || limitSource?.startsWith("upstream");
  return kind === "rate_limit_error" && !isOfProvider ? "minute" : undefined;
}
