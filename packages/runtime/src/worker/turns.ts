/** Lets one after the other do its work. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Joins the queue. The caller must end its turn, also one that has not begun. */
  take(): Turn {
    const { promise, resolve } = Promise.withResolvers<void>();
    const begun = this.#last;
    this.#last = begun.then(() => promise);
    return { begun, [Symbol.dispose]: resolve };
  }
}

export interface Turn extends Disposable {
  /** Resolves when all turns before have ended. */
  readonly begun: Promise<void>;
}
