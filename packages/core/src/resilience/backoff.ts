import type { RetryPolicy } from "./retry-policy.ts";

/**
 * How long to wait before the next attempt, in milliseconds: exponential backoff with full jitter.
 *
 * Full jitter spreads the clients that failed together over the whole interval, so that they do
 * not come back together (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter).
 *
 * @param failedAttempts - Attempts so far, at least 1.
 * @param random - Uniform in [0, 1).
 */
export function backoff(
  policy: Pick<RetryPolicy, "initialIntervalMs" | "backoffFactor" | "maxIntervalMs">,
  failedAttempts: number,
  random: () => number,
): number {
  const grown = policy.initialIntervalMs * policy.backoffFactor ** (failedAttempts - 1);
  return random() * Math.min(policy.maxIntervalMs, grown);
}

/**
 * The wait before the next attempt: what the server asked for, else {@link backoff}.
 *
 * @returns `undefined` where the server asks for more than the policy's longest wait.
 */
export function nextWait(
  policy: RetryPolicy,
  failedAttempts: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number | undefined {
  if (retryAfterMs === undefined) return backoff(policy, failedAttempts, random);
  return retryAfterMs <= policy.maxIntervalMs ? retryAfterMs : undefined;
}
