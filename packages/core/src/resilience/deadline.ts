import type { Clock } from "../clock/index.ts";

export interface DeadlineOptions {
  /** @defaultValue no limit */
  readonly timeoutMs?: number | undefined;
  readonly clock: Clock;
  /** The caller's own signal; its reason is thrown as it is. */
  readonly signal?: AbortSignal | undefined;
  /** Makes the error that is thrown when the time is up. */
  readonly onTimeout: () => Error;
}

/**
 * A limit on the time of some work. When it is up, or the caller aborts, {@link Deadline.signal}
 * aborts, so that nothing goes on behind the error.
 */
export class Deadline implements Disposable {
  readonly #stop = new AbortController();
  readonly #finished = new AbortController();
  readonly #stopped: Promise<never>;
  readonly #disposeCaller: () => void;

  constructor({ timeoutMs, clock, signal, onTimeout }: DeadlineOptions) {
    this.#stopped = new Promise((_, reject) => {
      this.signal.addEventListener("abort", () => reject(this.signal.reason), { once: true });
    });
    this.#stopped.catch(() => undefined);
    const abort = () => this.#stop.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    this.#disposeCaller = () => signal?.removeEventListener("abort", abort);
    if (timeoutMs === undefined) return;
    clock.sleep(timeoutMs, this.#finished.signal).then(
      () => this.expire(onTimeout()),
      () => undefined,
    );
  }

  /** For the work: aborts when the time is up or the caller aborts. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Ends the work now, for a reason of the owner's own. */
  expire(reason: Error): void {
    this.#stop.abort(reason);
  }

  /** The work's result, or the deadline's error at once, even if the work does not listen. */
  async race<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([work, this.#stopped]);
    } catch (error) {
      this.signal.throwIfAborted();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#finished.abort();
    this.#disposeCaller();
  }
}
