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
  /** Called once, after `afterMs`; `false` prevents the second request. @defaultValue always true */
  readonly canHedge?: (() => boolean) | undefined;
  /** Called when the second request starts. */
  readonly onHedge?: (() => void) | undefined;
  /**
   * How to learn of the end of a winner that goes on after the race, such as a stream that is read:
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
export async function hedge<T>(attempt: HedgedAttempt<T>, options: HedgeOptions<T>): Promise<T> {
  const { afterMs, clock, signal, canHedge = () => true, onHedge } = options;
  signal?.throwIfAborted();
  using race = new Race(attempt, options);

  const first = race.start(0);
  if (afterMs === undefined) return await race.win(first);

  const isSlow = await race.orAbort(isSlower(first, afterMs, clock));
  if (!isSlow || !canHedge()) return await race.win(first);

  onHedge?.();
  return await race.win(firstSuccess(first, race.start(1)));
}

/** Whether the work is still in progress after `afterMs`. Throws if the work fails before that. */
function isSlower(work: Promise<unknown>, afterMs: number, clock: Clock): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const cancel = clock.after(afterMs, () => resolve(true));
  work.then(() => resolve(false), reject);
  return promise.finally(cancel);
}

interface Finish<T> {
  readonly index: 0 | 1;
  readonly value: T;
}

/** The requests in progress, and the caller's abort. Disposing aborts all requests but the winner. */
class Race<T> implements Disposable {
  readonly #attempt: HedgedAttempt<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #endOf: HedgeOptions<T>["endOf"];
  readonly #requests = new Map<0 | 1, AbortController>();
  readonly #aborted = Promise.withResolvers<never>();

  constructor(attempt: HedgedAttempt<T>, { signal, endOf }: HedgeOptions<T>) {
    this.#attempt = attempt;
    this.#signal = signal;
    this.#endOf = endOf;
    this.#aborted.promise.catch(() => undefined);
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  async start(index: 0 | 1): Promise<Finish<T>> {
    const own = new AbortController();
    this.#requests.set(index, own);
    return { index, value: await this.#attempt(index, own.signal) };
  }

  /** The work's result; rejects with the caller's reason as soon as the caller aborts. */
  orAbort<R>(work: Promise<R>): Promise<R> {
    return Promise.race([work, this.#aborted.promise]);
  }

  async win(finish: Promise<Finish<T>>): Promise<T> {
    const { index, value } = await this.orAbort(finish);
    const winner = this.#requests.get(index);
    this.#requests.delete(index);
    this.#endOf?.(value)?.(this.#connect(winner));
    return value;
  }

  /** Passes the caller's abort on to a request that outlives the race. */
  #connect(request: AbortController | undefined): () => void {
    const signal = this.#signal;
    const abort = () => request?.abort(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    return () => signal?.removeEventListener("abort", abort);
  }

  readonly #abort = (): void => {
    const reason: unknown = this.#signal?.reason;
    this.#aborted.reject(reason);
    for (const request of this.#requests.values()) request.abort(reason);
  };

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener("abort", this.#abort);
    for (const loser of this.#requests.values()) {
      loser.abort(new ModelError("Another request of the call was faster", { kind: "aborted" }));
    }
  }
}

async function firstSuccess<T>(first: Promise<T>, second: Promise<T>): Promise<T> {
  try {
    return await Promise.any([first, second]);
  } catch (error) {
    throw (error as AggregateError).errors[0];
  }
}
