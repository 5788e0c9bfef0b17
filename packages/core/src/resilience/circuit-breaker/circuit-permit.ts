import type { Clock } from "../../clock/index.ts";
import type { ModelError } from "../../errors/model-error.ts";
import type { CircuitRoute } from "./circuit-route.ts";

export type CircuitState = "closed" | "open" | "half-open";

/** A route, and whether its circuit lets calls through. */
export interface CircuitStatus extends CircuitRoute {
  readonly state: CircuitState;
}

/** A circuit changed its state. */
export interface CircuitChange {
  /** The route's key, as {@link circuitKey} writes it. */
  readonly key: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Time until the next probe, in milliseconds. Only set when the circuit opens. */
  readonly cooldownMs?: number;
}

export interface ResolvedCircuitBreakerOptions {
  readonly cooldownMs: number;
  readonly clock: Clock;
  readonly onStateChange?: ((change: CircuitChange) => void) | undefined;
}

/**
 * Permission to attempt a route; every outcome is reported to it. A call may use its permit for
 * several attempts: a circuit that opens in the meantime does not take the permit back.
 */
export interface CircuitPermit {
  /** Whether this is the probe of a circuit that was open. */
  readonly isProbe: boolean;
  /**
   * The route produces an answer: the first token has arrived. A probe closes the circuit. It does not
   * reset the count of failures, because the stream can still break.
   */
  answering(): void;
  /** The route has answered. Closes the circuit and resets the count of failures. */
  succeed(): void;
  /** @param error - Weighed by {@link failureWeight}. An abort weighs 0 and changes nothing. */
  fail(error: ModelError): void;
  /**
   * There will be no further outcome. If a probe has had no outcome, the next call probes. Idempotent.
   * Call it in a `finally` block: a probe that is never released keeps all other calls out.
   */
  release(): void;
}

export interface CircuitBreakersOptions {
  /**
   * How long an open circuit refuses calls before a probe, in milliseconds: after it opened, and
   * after each probe that failed.
   *
   * @defaultValue `30_000`
   */
  readonly cooldownMs?: number | undefined;
  readonly clock: Clock;
  /** Called after each change. What it throws reaches the call that caused the change. */
  readonly onStateChange?: ((change: CircuitChange) => void) | undefined;
}
