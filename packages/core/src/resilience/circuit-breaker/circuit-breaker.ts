import { LRUCache } from "lru-cache";
import type { ModelError } from "../../errors/model-error.ts";
import { circuitOpenError } from "./circuit-open-error.ts";
import { circuitKey, type CircuitRoute } from "./circuit-route.ts";
import type {
  CircuitBreakersOptions,
  CircuitChange,
  CircuitPermit,
  CircuitStatus,
  ResolvedCircuitBreakerOptions,
} from "./circuit-permit.ts";
import { failureWeight } from "./failure-weight.ts";

/** Weight of the failures in a row that opens a circuit. */
const failureThreshold = 3;

interface Closed {
  readonly name: "closed";
  /** Weight of the failures since the last success. */
  failures: number;
}

interface Open {
  readonly name: "open";
  readonly outage: Outage;
  /** When the next call may probe, in milliseconds since the epoch. */
  readonly probeAt: number;
}

interface HalfOpen {
  readonly name: "half-open";
  readonly outage: Outage;
  /** Whether a probe is in progress; if not, the next call probes. */
  isProbing: boolean;
}

/** A new object for each change: a permit compares it to learn that its state has passed. */
type State = Closed | Open | HalfOpen;

interface Outage {
  /** When the circuit opened, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** The last failure that counted. */
  readonly error: ModelError;
}

/**
 * Refuses calls to a route that keeps failing.
 *
 * - closed: every call is admitted. Failures in a row with a weight of 3 open the circuit.
 * - open: every call is refused until the cooldown is over.
 * - half-open: one call, the probe, is admitted. If the route answers it, the circuit closes; if it
 *   fails, the circuit opens for another cooldown.
 *
 * The cooldown is constant, so a route that has recovered is noticed within one cooldown, however
 * long the outage was.
 *
 * Failures are counted in a row and not sampled as a rate: one process makes some tens of calls a
 * minute, too few for a rate, and a route that fails now and then is a case for retries.
 */
export class CircuitBreaker {
  readonly key: string;
  readonly #route: CircuitRoute;
  readonly #options: ResolvedCircuitBreakerOptions;
  #state: State = { name: "closed", failures: 0 };

  constructor(route: CircuitRoute, options: ResolvedCircuitBreakerOptions) {
    this.key = circuitKey(route);
    this.#route = route;
    this.#options = options;
  }

  get status(): CircuitStatus {
    return { ...this.#route, state: this.#state.name };
  }

  /**
   * Admits a call, unless the circuit is open or another call is probing it.
   *
   * @throws {ModelError} `service_error` with the reason `circuit_open`
   */
  admit(): CircuitPermit {
    const state = this.#state;
    if (state.name === "closed") return this.#permit(state);
    if (state.name === "half-open") return this.#probe(state);

    const remainingMs = Math.ceil(state.probeAt - this.#options.clock.now());
    if (remainingMs > 0) throw this.#refuse(state.outage, remainingMs);
    return this.#probe(this.#enter({ name: "half-open", outage: state.outage, isProbing: false }));
  }

  #probe(state: HalfOpen): CircuitPermit {
    if (state.isProbing) throw this.#refuse(state.outage, undefined);
    state.isProbing = true;
    return this.#permit(state);
  }

  #permit(admittedIn: Closed | HalfOpen): CircuitPermit {
    /** The state that this permit's outcomes count for; none after its release. */
    let state: Closed | HalfOpen | undefined = admittedIn;
    const answering = () => {
      if (state !== this.#state || state.name === "closed") return;
      state = { name: "closed", failures: 0 };
      this.#enter(state);
    };
    return {
      isProbe: admittedIn.name === "half-open",
      answering,
      succeed: () => {
        if (state?.name === "half-open") answering();
        if (state === this.#state && state.name === "closed") state.failures = 0;
      },
      fail: (error) => {
        if (state && state === this.#state) this.#fail(state, error);
      },
      release: () => {
        if (state === this.#state && state.name === "half-open") state.isProbing = false;
        state = undefined;
      },
    };
  }

  #fail(state: Closed | HalfOpen, error: ModelError): void {
    const weight = failureWeight(error);
    if (weight === 0) return;
    if (state.name === "half-open") {
      this.#open({ ...state.outage, error });
      return;
    }
    state.failures += weight;
    if (state.failures >= failureThreshold) {
      this.#open({ openedAt: this.#options.clock.now(), error });
    }
  }

  #open(outage: Outage): void {
    const { cooldownMs, clock } = this.#options;
    this.#enter({ name: "open", outage, probeAt: clock.now() + cooldownMs }, { cooldownMs });
  }

  #enter<S extends State>(state: S, details: Pick<CircuitChange, "cooldownMs"> = {}): S {
    const { name: from } = this.#state;
    this.#state = state;
    this.#options.onStateChange?.({ key: this.key, from, to: state.name, ...details });
    return state;
  }

  #refuse({ openedAt, error }: Outage, retryAfterMs: number | undefined): ModelError {
    return circuitOpenError({ key: this.key, route: this.#route, openedAt, error, retryAfterMs });
  }
}

/** Routes that are remembered; the least recently used one is dropped, and starts closed again. */
const maxBreakers = 1000;

/**
 * The circuit breakers of one account's routes.
 *
 * @example
 * ```ts
 * const breakers = new CircuitBreakers({ clock, onStateChange: ({ key, to }) => log(key, to) });
 * const permit = breakers.for(route).admit();
 * try {
 *   const answer = await send(route);
 *   permit.succeed();
 *   return answer;
 * } catch (error) {
 *   permit.fail(toModelError(error));
 *   throw error;
 * } finally {
 *   permit.release();
 * }
 * ```
 */
export class CircuitBreakers {
  /** Keys of the route objects seen: building one takes longer than looking it up. */
  readonly #keys = new WeakMap<CircuitRoute, string>();
  readonly #breakers = new LRUCache<string, CircuitBreaker>({ max: maxBreakers });
  readonly #options: ResolvedCircuitBreakerOptions;

  constructor({ cooldownMs = 30_000, clock, onStateChange }: CircuitBreakersOptions) {
    this.#options = { cooldownMs, clock, onStateChange };
  }

  /** The state of each route that was asked for. */
  get states(): readonly CircuitStatus[] {
    return [...this.#breakers.values()].map(({ status }) => status);
  }

  /** The breaker of a route: the same one for all routes with the same key. */
  for(route: CircuitRoute): CircuitBreaker {
    const key = this.#keys.get(route) ?? circuitKey(route);
    let breaker = this.#breakers.get(key);
    if (!breaker) {
      const { model, via, provider } = route;
      // A copy: the route may be a large object, and may hold credentials.
      breaker = new CircuitBreaker({ model, via, provider }, this.#options);
      this.#breakers.set(key, breaker);
    }
    this.#keys.set(route, key);
    return breaker;
  }
}
