import type { ErrorKind } from "../errors/error-kinds.ts";

/** When and how often a failed attempt is made again at the same model. */
export interface RetryPolicy {
  /**
   * Attempts in all, the first included; `1` disables retrying.
   *
   * @defaultValue `4`, from `LLM_MAX_RETRIES` (further attempts) + 1
   */
  readonly maxAttempts: number;
  /** Upper bound of the first wait, in milliseconds. @defaultValue `1000`, from `LLM_RETRY_DELAY` */
  readonly initialIntervalMs: number;
  /**
   * The longest wait, in milliseconds. If a server requires a longer one, the call is not retried.
   *
   * @defaultValue `60_000`, from `LLM_RETRY_MAX_DELAY`
   */
  readonly maxIntervalMs: number;
  /** By how much the bound grows with each attempt. @defaultValue `2` */
  readonly backoffFactor: number;
  /** Kinds of error worth a further attempt. @defaultValue `defaultRetryableKinds`, from `LLM_RETRYABLE_ERRORS` */
  readonly retryOn: ReadonlySet<ErrorKind>;
}
