import type { Clock } from "../clock/index.ts";
import type { ModelError } from "../errors/model-error.ts";
import { nextWait } from "./backoff.ts";
import type { RetryPolicy } from "./retry-policy.ts";

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  /** Uniform in [0, 1). @defaultValue `Math.random` */
  readonly random?: () => number;
  readonly signal?: AbortSignal | undefined;
  /** Reads what was thrown. Whatever it returns is what {@link retry} throws. */
  readonly toModelError: (error: unknown) => ModelError;
  /**
   * What the caller knows of a failure beyond its kind: `mended` is tried again at once, `hopeless`
   * not at all, and anything else as the policy says.
   */
  readonly judge?: (error: ModelError) => "mended" | "hopeless" | undefined;
  /** Called before each wait. */
  readonly onRetry?: (retry: Retry) => void;
}

export interface Retry {
  readonly error: ModelError;
  readonly waitMs: number;
}

/**
 * Runs `attempt` until it succeeds, its error is not worth another attempt, or the policy is used up.
 *
 * An abort settles at once, in a wait too, with the signal's own reason.
 *
 * @param attempt - Told how long was waited before it, in milliseconds.
 * @throws {ModelError} the last attempt's error
 */
export async function retry<T>(
  attempt: (waitedMs: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { policy, clock, random = Math.random, signal, toModelError, judge, onRetry } = options;
  let waitMs = 0;
  for (let number = 1; ; number += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt(waitMs);
    } catch (thrown) {
      signal?.throwIfAborted();
      const error = toModelError(thrown);
      const judgement = judge?.(error);
      const isWorthIt = policy.retryOn.has(error.kind) && number < policy.maxAttempts;
      const wait =
        judgement === "mended" ? 0 : nextWait(policy, number, error.retryAfterMs, random);
      if (wait === undefined || judgement === "hopeless") throw error;
      if (!isWorthIt && judgement !== "mended") throw error;
      onRetry?.({ error, waitMs: wait });
      await clock.sleep(wait, signal);
      waitMs = wait;
    }
  }
}
