/** Waits until it is woken. A wake-up before the wait counts too. */
export class Latch {
  #isWoken = false;
  #wake: (() => void) | undefined;

  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Resolves when it has been woken since the last call, after the time, or at the signal. */
  async next(maxMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.#isWoken && !signal?.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = () => resolve();
      this.#wake = wake;
      const timer = setTimeout(wake, maxMs);
      signal?.addEventListener("abort", wake, { once: true });
      await promise;
      signal?.removeEventListener("abort", wake);
      clearTimeout(timer);
    }
    this.#isWoken = false;
  }
}
