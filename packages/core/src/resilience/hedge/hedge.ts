import type { Clock } from "../../clock/index.ts";
import { ModelError } from "../../errors/model-error.ts";

export interface HedgeOptions<T = unknown> {
  /**
   * How long the first request may take before a second one starts, in milliseconds; `undefined`
   * for no second request, as while {@link LatencyTracker.p95} has too few durations.
   */
  readonly afterMs: number | undefined;
  readonly clock: Clock;
  /** The caller's signal: its abort ends both requests, and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the second request starts. */
  readonly onHedge?: (() => void) | undefined;
  /**
   * How to learn of the end of a winner that continues after the race, such as a stream that is read:
   * until then the caller's abort reaches it. Nothing for one that has ended.
   *
   * @defaultValue it has ended when it wins
   */
  readonly endOf?: ((winner: T) => ((done: () => void) => void) | undefined) | undefined;
}

/** Makes one of the two requests: 0 is the first. */
export type HedgedAttempt<T> = (index: 0 | 1, signal: AbortSignal) => Promise<T>;

/**
 * Makes a request and, if it is slow, a second one. The first success wins.
 *
 * A first request that fails before `afterMs` is not hedged: failures are for retries. If one of two
 * requests fails, the other decides; if both fail, the error of the first is thrown.
 *
 * The loser's signal aborts before the winner's answer is returned, so that a listener can still
 * record the loser on the same call. Nothing waits for the loser to end.
 *
 * @param attempt - Its signal aborts with the caller's reason or, for the loser, with a
 *   {@link ModelError} of kind `aborted`.
 */
export function hedge<T>(attempt: HedgedAttempt<T>, options: HedgeOptions<T>): Promise<T> {
  const { signal } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => new Race(attempt, options, resolve, reject).run());
}

/** The requests in progress. It ends with the first success, the last failure, or the caller's abort. */
class Race<T> {
  readonly #attempt: HedgedAttempt<T>;
  readonly #options: HedgeOptions<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #requests: AbortController[] = [];
  readonly #errors: unknown[] = [];
  #failed = 0;
  #isOver = false;
  #cancelTimer: (() => void) | undefined;

  constructor(
    attempt: HedgedAttempt<T>,
    options: HedgeOptions<T>,
    resolve: (value: T) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#attempt = attempt;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  run(): void {
    const { afterMs, clock, signal } = this.#options;
    signal?.addEventListener("abort", this.#abort, { once: true });
    if (afterMs !== undefined) this.#cancelTimer = clock.after(afterMs, this.#startSecond);
    void this.#start(0);
  }

  async #start(index: 0 | 1): Promise<void> {
    const request = new AbortController();
    this.#requests[index] = request;
    try {
      if (index === 1) this.#options.onHedge?.();
      const value = await this.#attempt(index, request.signal);
      if (!this.#isOver) this.#win(request, value);
    } catch (error) {
      this.#fail(index, error);
    }
  }

  readonly #startSecond = (): void => void this.#start(1);

  #win(winner: AbortController, value: T): void {
    this.#end();
    for (const loser of this.#requests) {
      if (loser === winner) continue;
      loser.abort(new ModelError("Another request of the call was faster", { kind: "aborted" }));
    }
    this.#options.endOf?.(value)?.(this.#connect(winner));
    this.#resolve(value);
  }

  #fail(index: 0 | 1, error: unknown): void {
    this.#errors[index] = error;
    this.#failed += 1;
    if (this.#failed < this.#requests.length) return;
    this.#stopAll(this.#errors[0]);
  }

  /** Passes the caller's abort on to a request that outlives the race. */
  #connect(request: AbortController): () => void {
    const { signal } = this.#options;
    const abort = () => request.abort(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    return () => signal?.removeEventListener("abort", abort);
  }

  readonly #abort = (): void => this.#stopAll(this.#options.signal?.reason);

  #stopAll(reason: unknown): void {
    this.#end();
    this.#reject(reason);
    for (const request of this.#requests) request.abort(reason);
  }

  #end(): void {
    this.#isOver = true;
    this.#cancelTimer?.();
    this.#options.signal?.removeEventListener("abort", this.#abort);
  }
}
