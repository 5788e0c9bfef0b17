import type { Clock } from "../clock/index.ts";

export interface DeadlineOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The caller's own signal; its reason is thrown as it is. */
  readonly signal?: AbortSignal | undefined;
  /** Makes the error that is thrown when the time is up. */
  readonly onTimeout: () => Error;
}

/**
 * A limit on the time of some work. When it is up, or the caller aborts, {@link Deadline.signal}
 * aborts, so that no work continues after the error.
 */
export class Deadline implements Disposable {
  readonly #stop = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #setTimer: (isBackground: boolean) => () => void;
  #cancelTimer: () => void;
  readonly #stopped = Promise.withResolvers<never>();

  constructor({ timeoutMs, clock, signal, onTimeout }: DeadlineOptions) {
    this.#caller = signal;
    this.#stopped.promise.catch(() => undefined);
    if (signal?.aborted) this.#abort();
    signal?.addEventListener("abort", this.#abort, { once: true });
    const endsAt = clock.now() + timeoutMs;
    const end = () => this.#end(onTimeout());
    this.#setTimer = (isBackground) => clock.after(endsAt - clock.now(), end, isBackground);
    this.#cancelTimer = this.#setTimer(false);
  }

  /** For the work: aborts when the time is up or the caller aborts. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** From now on the limit keeps no process alive: the process may end before. */
  continueInBackground(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#setTimer(true);
  }

  /** The work's result, or the deadline's error at once, even if the work does not listen. */
  async race<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([work, this.#stopped.promise]);
    } catch (error) {
      this.signal.throwIfAborted();
      throw error;
    }
  }

  readonly #abort = (): void => this.#end(this.#caller?.reason);

  #end(reason: unknown): void {
    this.#stop.abort(reason);
    this.#stopped.reject(this.signal.reason);
  }

  [Symbol.dispose](): void {
    this.#cancelTimer();
    this.#caller?.removeEventListener("abort", this.#abort);
  }
}
