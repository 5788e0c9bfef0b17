interface Flight<T> {
  readonly stop: AbortController;
  readonly result: Promise<T>;
  waiting: number;
}

/**
 * Sends identical concurrent calls once. Nothing is kept of a call that has ended: this is not a
 * cache.
 *
 * All callers get the same value and not a copy, so they must not change it.
 *
 * @example
 * ```ts
 * const coalescer = new Coalescer<Completion>();
 * const key = requestKey({ model, messages, temperature });
 * const completion = await coalescer.run(key, (signal) => send(request, signal), caller.signal);
 * ```
 */
export class Coalescer<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /**
   * Joins the call of this key that is in flight, or makes it.
   *
   * A caller's abort ends its own wait at once. It ends the work only if no other caller waits.
   *
   * @param work - Called unless there is a call to join. Its signal aborts when all callers have
   *   aborted, with the reason of the last one.
   * @throws what the work throws, for all callers; the signal's reason on an abort
   */
  async run(
    key: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    flight.waiting += 1;
    if (!signal) return flight.result;

    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = () => {
      reject(signal.reason);
      flight.waiting -= 1;
      if (flight.waiting > 0) return;
      this.#end(key, flight);
      flight.stop.abort(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([flight.result, left]);
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const stop = new AbortController();
    const { promise: result, resolve, reject } = Promise.withResolvers<T>();
    const flight: Flight<T> = { stop, result, waiting: 0 };
    // Before the work begins, because the work may synchronously join the same key.
    this.#flights.set(key, flight);
    void (async () => work(stop.signal))()
      .finally(() => this.#end(key, flight))
      .then(resolve, reject);
    return flight;
  }

  /** Later callers start a new flight. A flight that has replaced this one already stays. */
  #end(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
