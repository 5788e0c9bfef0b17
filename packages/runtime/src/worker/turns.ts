/** Makes callers work one after the other. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Joins the queue. The caller must end its turn, even if it has not begun. */
  take(): Turn {
    const { promise, resolve } = Promise.withResolvers<void>();
    const begun = this.#last;
    this.#last = begun.then(() => promise);
    return { begun, [Symbol.dispose]: resolve };
  }
}

export interface Turn extends Disposable {
  /** Resolves when all earlier turns have ended. */
  readonly begun: Promise<void>;
}
