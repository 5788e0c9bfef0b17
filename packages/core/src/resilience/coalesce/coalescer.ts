interface Flight<T> {
  readonly stop: AbortController;
  readonly result: Promise<T>;
  waiting: number;
}

/**
 * Sends identical calls that are in flight at once only once. Nothing is kept of a call that has
 * ended, so this is no cache.
 *
 * All callers get the same value, not copies of it: it must not be changed.
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

  /** How many calls are in flight. */
  get size(): number {
    return this.#flights.size;
  }

  /**
   * Joins the call of this key that is in flight, or makes it.
   *
   * A caller's abort ends its own wait at once, and the work only if no one else waits for it.
   *
   * @param work - Called unless there is a call to join; it gets no caller's signal but one that
   *   aborts, with the last caller's reason, when all have left.
   * @throws what the work throws, to all who wait; the signal's reason on an abort
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
    // Before the work begins: what it calls at once may ask for the same.
    this.#flights.set(key, flight);
    void (async () => work(stop.signal))()
      .finally(() => this.#end(key, flight))
      .then(resolve, reject);
    return flight;
  }

  /** Lets later callers begin anew; whoever did so already is left alone. */
  #end(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
