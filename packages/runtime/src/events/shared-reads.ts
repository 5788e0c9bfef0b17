import { setImmediate as turnEnd } from "node:timers/promises";

/**
 * Shares one read between all callers that need it at the same time: a thousand readers of one run, which one notification
 * wakes, cost one statement. It begins after each of them has called, so that none gets an older result.
 */
export class SharedReads {
  readonly #asked = new Map<string, Promise<unknown>>();

  get<T>(key: string, read: () => Promise<T>): Promise<T> {
    const asked = this.#asked.get(key) as Promise<T> | undefined;
    if (asked) return asked;
    const reading = this.#read(key, read);
    this.#asked.set(key, reading);
    return reading;
  }

  async #read<T>(key: string, read: () => Promise<T>): Promise<T> {
    await turnEnd();
    this.#asked.delete(key);
    return read();
  }
}
