import type { ModelError } from "../errors/model-error.ts";

export interface FallbackOptions<C> {
  readonly signal?: AbortSignal | undefined;
  readonly toModelError: (error: unknown, candidate: C) => ModelError;
  /** Called when a candidate is given up and the next one takes over. */
  readonly onFallback?: (from: C, to: C, error: ModelError) => void;
}

/**
 * Runs `attempt` with one candidate after the other until one succeeds, or fails in a way that
 * no other could mend.
 *
 * @throws {ModelError} the last candidate's error
 */
export async function fallback<C, T>(
  candidates: readonly [C, ...C[]],
  attempt: (candidate: C) => Promise<T>,
  options: FallbackOptions<C>,
): Promise<T> {
  const [first, ...others] = candidates;
  let candidate = first;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      return await attempt(candidate);
    } catch (thrown) {
      options.signal?.throwIfAborted();
      const error = options.toModelError(thrown, candidate);
      const next = others.shift();
      if (next === undefined || !isMendedElsewhere(error)) throw error;
      options.onFallback?.(candidate, next, error);
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
