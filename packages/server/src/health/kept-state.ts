/** Probes are frequent, and come from several clients: a result is reused for a while. */
export class KeptState<State> {
  readonly #ask: () => Promise<State>;
  readonly #keptMs: number;
  #state: Promise<State> | undefined;
  #askedAt = 0;

  constructor(keptMs: number, ask: () => Promise<State>) {
    this.#keptMs = keptMs;
    this.#ask = ask;
  }

  get(): Promise<State> {
    const now = performance.now();
    if (!this.#state || now - this.#askedAt > this.#keptMs) {
      this.#askedAt = now;
      this.#state = this.#ask();
    }
    return this.#state;
  }
}
