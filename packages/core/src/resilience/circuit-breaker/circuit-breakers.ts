import { systemClock, type Clock } from "../../clock/index.ts";
import type { ModelError } from "../../errors/model-error.ts";
import {
  CircuitBreaker,
  type CircuitChange,
  type ResolvedCircuitBreakerOptions,
} from "./circuit-breaker.ts";
import { circuitKey, type CircuitRoute } from "./circuit-route.ts";
import { failureWeight } from "./failure-weight.ts";

export interface CircuitBreakersOptions {
  /**
   * Weight of failures in a row, with no success between them, that opens a circuit. With the
   * default weights that is one silent timeout, two that a server told, or three refused
   * connections or 5xx.
   *
   * @defaultValue `3`
   */
  readonly failureThreshold?: number | undefined;
  /**
   * How long an open circuit refuses calls before the first probe, in milliseconds. It doubles
   * with each probe that fails; a failure's longer `Retry-After` wins over it.
   *
   * @defaultValue `30_000`
   */
  readonly cooldownMs?: number | undefined;
  /** The longest time between two probes, in milliseconds. @defaultValue `300_000`, or `cooldownMs` if longer */
  readonly maxCooldownMs?: number | undefined;
  /** How much a failure counts; 0 for one that says nothing of the route. @defaultValue {@link failureWeight} */
  readonly failureWeight?: ((error: ModelError) => number) | undefined;
  /** @defaultValue {@link systemClock} */
  readonly clock?: Clock | undefined;
  /** Called after each change; what it throws reaches the caller whose call made the change. */
  readonly onStateChange?: ((change: CircuitChange) => void) | undefined;
}

/**
 * The circuit breakers of one account's routes.
 *
 * @example
 * ```ts
 * const breakers = new CircuitBreakers({ onStateChange: ({ key, to }) => log(key, to) });
 * await breakers.for(candidate).execute(() => attempt(candidate), signal);
 * ```
 */
export class CircuitBreakers {
  readonly #breakers = new Map<string, CircuitBreaker>();
  readonly #options: ResolvedCircuitBreakerOptions;

  constructor(options: CircuitBreakersOptions = {}) {
    const cooldownMs = options.cooldownMs ?? 30_000;
    this.#options = {
      failureThreshold: options.failureThreshold ?? 3,
      cooldownMs,
      maxCooldownMs: Math.max(options.maxCooldownMs ?? 300_000, cooldownMs),
      failureWeight: options.failureWeight ?? failureWeight,
      clock: options.clock ?? systemClock,
      onStateChange: options.onStateChange,
    };
  }

  /** The breaker of a route, the same one for everyone who asks. */
  for(route: CircuitRoute): CircuitBreaker {
    const key = circuitKey(route);
    const known = this.#breakers.get(key);
    if (known) return known;
    const breaker = new CircuitBreaker(route, this.#options);
    this.#breakers.set(key, breaker);
    return breaker;
  }

  [Symbol.iterator](): Iterator<CircuitBreaker> {
    return this.#breakers.values();
  }
}
