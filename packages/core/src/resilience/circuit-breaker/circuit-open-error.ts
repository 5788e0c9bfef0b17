import { ModelError } from "../../errors/model-error.ts";
import type { CircuitRoute } from "./circuit-route.ts";

export interface CircuitRefusal {
  readonly key: string;
  readonly route: CircuitRoute;
  /** When the circuit opened, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** How long until the next probe; `undefined` while one is under way. */
  readonly retryAfterMs: number | undefined;
  /** The failure that opened the circuit. */
  readonly error: ModelError;
}

/** The error of a call that was not made, because its route keeps failing. */
export function circuitOpenError(refusal: CircuitRefusal): ModelError {
  const { key, route, openedAt, retryAfterMs, error } = refusal;
  const next =
    retryAfterMs === undefined ? "a probe is under way" : `next probe in ${retryAfterMs / 1000} s`;
  return withoutStack(
    () =>
      new ModelError(
        `The circuit of ${key} is open since ${new Date(openedAt).toISOString()}, ${next}; it failed with ${error.kind}: ${error.message}`,
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
 * Every call of a role gets such an error while its primary is dead, and looking for the stack would
 * be the most of what that costs it. The stack that tells something is the cause's.
 */
function withoutStack<T extends Error>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * True for the refusal of an open circuit: nothing was sent, and while another candidate is left,
 * waiting here is wasted.
 */
export function isCircuitOpen(error: unknown): error is ModelError {
  return ModelError.isInstance(error) && error.details.reason === "circuit_open";
}
