import { formatDuration } from "../../errors/format-duration.ts";
import { ModelError } from "../../errors/model-error.ts";
import type { CircuitRoute } from "./circuit-route.ts";

export interface CircuitRefusal {
  readonly key: string;
  readonly route: CircuitRoute;
  /** When the circuit opened, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** Time until the next probe; `undefined` while one is in progress. */
  readonly retryAfterMs: number | undefined;
  /** The last failure that counted. */
  readonly error: ModelError;
}

/** The error of a call that was not made, because its route keeps failing. */
export function circuitOpenError(refusal: CircuitRefusal): ModelError {
  const { key, route, openedAt, retryAfterMs, error } = refusal;
  const since = new Date(openedAt).toISOString();
  const next =
    retryAfterMs === undefined
      ? "a probe is in progress"
      : `next probe in ${formatDuration(retryAfterMs)}`;
  return withoutStack(
    () =>
      new ModelError(
        `The circuit of ${key} has been open since ${since}, ${next}. Last failure: ${error.kind}: ${error.message}`,
        {
          kind: "service_error",
          reason: "circuit_open",
          model: route.model,
          provider: route.provider,
          retryAfterMs,
        },
        { cause: error },
      ),
  );
}

/**
 * While a primary is down, every call of its role creates this error, and capturing the stack would
 * be most of its cost. The stack that helps is the cause's.
 */
function withoutStack<T extends Error>(create: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return create();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Whether a circuit breaker refused the call: no request was sent. */
export function isCircuitOpen(error: unknown): error is ModelError {
  return ModelError.isInstance(error) && error.details.reason === "circuit_open";
}
