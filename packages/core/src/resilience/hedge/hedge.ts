import type { Clock } from "../../clock/index.ts";
import { ModelError } from "../../errors/model-error.ts";

export interface HedgeOptions {
  /**
   * How long the first request may take before a second one races it, in milliseconds;
   * `undefined` for no second one, as while {@link LatencyTracker.p95} does not know yet.
   */
  readonly afterMs: number | undefined;
  readonly clock: Clock;
  /** The caller's own; its abort ends both requests, and its reason is thrown as it is. */
  readonly signal?: AbortSignal | undefined;
  /** Asked once, when the time has come; `false` leaves the first request alone. @defaultValue always */
  readonly canHedge?: (() => boolean) | undefined;
  /** Called when the second request starts. */
  readonly onHedge?: (() => void) | undefined;
}

/** Makes one of the two requests: 0 is the first. */
export type HedgedAttempt<T> = (index: 0 | 1, signal: AbortSignal) => Promise<T>;

/**
 * Makes a request and, if it is slow, a second one that races it. The first success wins.
 *
 * A first request that fails before its time is not hedged: what failed is for retries. With two
 * under way, one's failure waits for the other; where both fail, the first one's error is thrown.
 *
 * The loser's signal aborts before the winner's answer is handed on, so a listener on it can still
 * book the loser on the same call. Nothing waits for the loser to end.
 *
 * @param attempt - Its signal aborts with the caller's reason, or, if it lost, with a
 *   {@link ModelError} of the kind `aborted`.
 */
export async function hedge<T>(attempt: HedgedAttempt<T>, options: HedgeOptions): Promise<T> {
  const { afterMs, clock, signal, canHedge = () => true, onHedge } = options;
  signal?.throwIfAborted();
  using race = new Race(attempt, signal);

  const first = race.start(0);
  if (afterMs === undefined) return await race.win(first);

  const isSlow = await race.orLeave(isSlower(first, afterMs, clock));
  if (!isSlow || !canHedge()) return await race.win(first);

  onHedge?.();
  return await race.win(firstSuccess(first, race.start(1)));
}

/** Whether the work is under way still when the time is up. Throws what it throws before that. */
async function isSlower(work: Promise<unknown>, afterMs: number, clock: Clock): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const cancel = clock.after(afterMs, () => resolve(true));
  try {
    return await Promise.race([work.then(() => false), promise]);
  } finally {
    cancel();
  }
}

interface Finish<T> {
  readonly index: 0 | 1;
  readonly value: T;
}

/** The requests under way and the caller who waits for them; disposed of, it aborts all but the winner. */
class Race<T> implements Disposable {
  readonly #attempt: HedgedAttempt<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #requests = new Map<0 | 1, AbortController>();
  readonly #left = Promise.withResolvers<never>();

  constructor(attempt: HedgedAttempt<T>, signal: AbortSignal | undefined) {
    this.#attempt = attempt;
    this.#signal = signal;
    this.#left.promise.catch(() => undefined);
    signal?.addEventListener("abort", this.#leave, { once: true });
  }

  async start(index: 0 | 1): Promise<Finish<T>> {
    const own = new AbortController();
    this.#requests.set(index, own);
    // Follows the caller past the race: the winner's body may still be on its way.
    const signal = this.#signal ? AbortSignal.any([this.#signal, own.signal]) : own.signal;
    return { index, value: await this.#attempt(index, signal) };
  }

  /** What the work comes to, or the caller's reason as soon as the caller leaves. */
  orLeave<R>(work: Promise<R>): Promise<R> {
    return Promise.race([work, this.#left.promise]);
  }

  async win(finish: Promise<Finish<T>>): Promise<T> {
    const { index, value } = await this.orLeave(finish);
    this.#requests.delete(index);
    return value;
  }

  readonly #leave = (): void => this.#left.reject(this.#signal?.reason);

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener("abort", this.#leave);
    for (const loser of this.#requests.values()) {
      loser.abort(new ModelError("The call was decided without this request", { kind: "aborted" }));
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
