import type { ModelError } from "../errors/model-error.ts";

export interface FallbackOptions<C> {
  readonly signal?: AbortSignal | undefined;
  readonly toModelError: (error: unknown, candidate: C) => ModelError;
  /** Whether this candidate may take over from a failure like this one. @defaultValue {@link isMendedElsewhere} */
  readonly canTakeOver?: (error: ModelError, candidate: C) => boolean | Promise<boolean>;
  /** Called when a candidate is given up and the next one takes over. */
  readonly onFallback?: (from: C, to: C, error: ModelError) => void;
}

/**
 * Runs `attempt` with one candidate after the other until one succeeds, or fails in a way that
 * none of those left could mend.
 *
 * @throws {ModelError} the last candidate's error
 */
export async function fallback<C, T>(
  candidates: readonly [C, ...C[]],
  attempt: (candidate: C) => Promise<T>,
  options: FallbackOptions<C>,
): Promise<T> {
  const { signal, toModelError, canTakeOver = isMendedElsewhere, onFallback } = options;
  const [first, ...others] = candidates;
  let candidate = first;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt(candidate);
    } catch (thrown) {
      signal?.throwIfAborted();
      const error = toModelError(thrown, candidate);
      let next = others.shift();
      while (next !== undefined && !(await canTakeOver(error, next))) next = others.shift();
      if (next === undefined) throw error;
      onFallback?.(candidate, next, error);
      candidate = next;
    }
  }
}

/**
 * Whether another model or provider may succeed where this one failed.
 *
 * A wrong key, a refused content, a malformed request would fail there too, or hide a mistake that
 * the user has to mend; an abort and a spent budget are the caller's own will.
 */
export function isMendedElsewhere(error: ModelError): boolean {
  switch (error.kind) {
    case "connection_error":
    case "timeout_error":
      return error.details.reason !== "call_timeout";
    case "rate_limit_error":
    case "service_error":
    case "invalid_response_error":
    case "insufficient_credits_error":
    case "quota_error":
      return true;
    case "invalid_request_error":
      return error.details.reason === "model_not_found";
    case "authentication_error":
    case "permission_error":
    case "budget_error":
    case "aborted":
    case "unknown_error":
      return false;
  }
}
