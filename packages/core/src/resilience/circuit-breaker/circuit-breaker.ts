import type { Clock } from "../../clock/index.ts";
import { toModelError } from "../../errors/classify.ts";
import type { ModelError } from "../../errors/model-error.ts";
import { circuitOpenError } from "./circuit-open-error.ts";
import { circuitKey, type CircuitRoute } from "./circuit-route.ts";

export type CircuitState = "closed" | "open" | "half-open";

/** A circuit went from one state to another. */
export interface CircuitChange {
  /** The route's name. */
  readonly key: string;
  readonly route: CircuitRoute;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The failure that opened the circuit; only where it opens. */
  readonly error?: ModelError;
  /** How long until the next probe, in milliseconds; only where it opens. */
  readonly cooldownMs?: number;
}

export interface ResolvedCircuitBreakerOptions {
  readonly failureThreshold: number;
  readonly cooldownMs: number;
  readonly maxCooldownMs: number;
  readonly failureWeight: (error: ModelError) => number;
  readonly clock: Clock;
  readonly onStateChange?: ((change: CircuitChange) => void) | undefined;
}

/**
 * A stretch of time in one state. Each is an object of its own, so that a call that began in an
 * earlier one, and ends now, is told apart: it says nothing of how the route is today.
 */
type Period = Closed | Open | HalfOpen;

interface Closed {
  readonly state: "closed";
  /** Weight of the failures since the last success. */
  failures: number;
}

interface Outage {
  /** When the circuit opened, in milliseconds since the epoch. */
  readonly since: number;
  readonly error: ModelError;
  /** Probes that failed since then. */
  readonly failedProbes: number;
}

interface Open {
  readonly state: "open";
  readonly outage: Outage;
  readonly probeAt: number;
}

interface HalfOpen {
  readonly state: "half-open";
  readonly outage: Outage;
  isProbing: boolean;
}

/** Leave to make attempts at a route. Each one's end is told, the last one's in any case. */
export interface Leave {
  succeed(): void;
  /** @param isAborted - Whether the caller wanted it, so that it says nothing of the route. */
  fail(thrown: unknown, isAborted?: boolean): void;
}

/**
 * Keeps calls from a route that fails: after enough failures in a row they are refused at once,
 * and from time to time a single one, the probe, finds out whether the route is back.
 *
 * Failures are counted in a row, not sampled as a rate: a process makes some tens of calls a
 * minute, too few for a rate to mean anything, and a route that fails now and then is what
 * retries are for.
 */
export class CircuitBreaker {
  readonly key: string;
  readonly #route: CircuitRoute;
  readonly #options: ResolvedCircuitBreakerOptions;
  #period: Period = { state: "closed", failures: 0 };

  constructor(route: CircuitRoute, options: ResolvedCircuitBreakerOptions) {
    this.key = circuitKey(route);
    // Callers pass their candidates, which know more than may be told in an event.
    this.#route = { model: route.model, via: route.via, provider: route.provider };
    this.#options = options;
  }

  /** `open` until a probe is made, even when its time has come. */
  get state(): CircuitState {
    return this.#period.state;
  }

  /**
   * Makes the attempt, unless the circuit is open or another call probes it.
   *
   * @param attempt - Must settle in the end, so give it a deadline: a probe that hangs keeps all
   *   other calls out.
   * @param signal - The caller's, or the race's; what fails after its abort is not counted. Not
   *   the signal of the attempt's own deadline, whose timeouts do count.
   * @throws {ModelError} a `service_error`, {@link isCircuitOpen}, where the attempt is not made
   */
  async execute<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const leave = this.admit();
    try {
      const value = await attempt();
      leave.succeed();
      return value;
    } catch (thrown) {
      leave.fail(thrown, signal?.aborted);
      throw thrown;
    }
  }

  /**
   * Gives leave to make attempts, unless the circuit is open or another call probes it. A circuit
   * that opens in between does not take it back: who was let in may use up its retries.
   *
   * @throws {ModelError} a `service_error`, {@link isCircuitOpen}
   */
  admit(): Leave {
    const period = this.#admit();
    const { clock, failureWeight } = this.#options;
    return {
      succeed: () => this.#succeed(period),
      fail: (thrown, isAborted = false) => {
        const error = toModelError(thrown, { model: this.#route.model }, clock.now());
        this.#fail(period, error, isAborted ? 0 : failureWeight(error));
      },
    };
  }

  #admit(): Closed | HalfOpen {
    const period = this.#period;
    const now = this.#options.clock.now();
    if (period.state === "closed") return period;
    if (period.state === "open") {
      if (now < period.probeAt) throw this.#refusal(period, Math.ceil(period.probeAt - now));
      this.#change({ state: "half-open", outage: period.outage, isProbing: false });
      return this.#admit();
    }
    if (period.isProbing) throw this.#refusal(period, undefined);
    period.isProbing = true;
    return period;
  }

  #refusal({ outage }: Open | HalfOpen, retryAfterMs: number | undefined): ModelError {
    const { since: openedAt, error } = outage;
    return circuitOpenError({ key: this.key, route: this.#route, openedAt, error, retryAfterMs });
  }

  #succeed(period: Closed | HalfOpen): void {
    if (this.#period !== period) return;
    if (period.state === "closed") period.failures = 0;
    else this.#change({ state: "closed", failures: 0 });
  }

  #fail(period: Closed | HalfOpen, error: ModelError, weight: number): void {
    if (this.#period !== period) return;
    if (period.state === "closed") {
      period.failures += weight;
      if (period.failures >= this.#options.failureThreshold) {
        this.#open({ since: this.#options.clock.now(), error, failedProbes: 0 });
      }
    } else if (weight > 0) {
      const { since, failedProbes } = period.outage;
      this.#open({ since, error, failedProbes: failedProbes + 1 });
    } else {
      // It says nothing of the route, so the next call probes again.
      period.isProbing = false;
    }
  }

  #open(outage: Outage): void {
    const { cooldownMs: first, maxCooldownMs, clock } = this.#options;
    const grown = Math.max(first * 2 ** outage.failedProbes, outage.error.retryAfterMs ?? 0);
    const cooldownMs = Math.min(grown, maxCooldownMs);
    this.#change(
      { state: "open", outage, probeAt: clock.now() + cooldownMs },
      { error: outage.error, cooldownMs },
    );
  }

  #change(to: Period, why: Pick<CircuitChange, "error" | "cooldownMs"> = {}): void {
    const from = this.#period.state;
    this.#period = to;
    this.#options.onStateChange?.({
      key: this.key,
      route: this.#route,
      from,
      to: to.state,
      at: this.#options.clock.now(),
      ...why,
    });
  }
}
