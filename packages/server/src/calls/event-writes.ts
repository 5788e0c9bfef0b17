import type { ServerResponse } from "node:http";

/** Characters that are written without a wait for more. */
const maxWaiting = 16 * 2 ** 10;

/**
 * Writes events that come in the same turn of the event loop at once: each write costs about as much as all
 * the rest that is done for a chunk. None waits for the next turn.
 */
export class EventWrites {
  readonly #outgoing: ServerResponse;
  #waiting = "";

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing;
  }

  /** @returns whether the client has room for more */
  add(events: string): boolean {
    // What is left to the next tick comes behind all that promises still do in this turn.
    if (this.#waiting === "") process.nextTick(() => this.#flush());
    this.#waiting += events;
    if (this.#waiting.length > maxWaiting) this.#flush();
    return !this.#outgoing.writableNeedDrain;
  }

  /** Writes the last events, and ends the answer. */
  end(events: string): void {
    const waiting = this.#waiting;
    this.#waiting = "";
    this.#outgoing.end(waiting + events);
  }

  #flush(): void {
    if (this.#waiting === "") return;
    const waiting = this.#waiting;
    this.#waiting = "";
    this.#outgoing.write(waiting);
  }
}
