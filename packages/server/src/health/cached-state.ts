/** Caches the result of a check: probes are frequent, and come from several clients. */
export class CachedState<State> {
  readonly #maxAgeMs: number;
  readonly #read: () => Promise<State>;
  #state: Promise<State> | undefined;
  #readAt = 0;

  /**
   * @param maxAgeMs - Time after which the state is read again, in milliseconds.
   * @param read - Reads the state. It does not reject: a rejection would be cached too.
   */
  constructor(maxAgeMs: number, read: () => Promise<State>) {
    this.#maxAgeMs = maxAgeMs;
    this.#read = read;
  }

  get(): Promise<State> {
    const now = performance.now();
    if (!this.#state || now - this.#readAt > this.#maxAgeMs) {
      this.#readAt = now;
      this.#state = this.#read();
    }
    return this.#state;
  }
}
