import type { ServerResponse } from "node:http";

/** Maximum characters that are collected before they are written. */
const maxWaiting = 16 * 2 ** 10;

/**
 * Writes all events of one turn of the event loop at once, because each write costs about as much as all
 * the rest of the work for a chunk. No event waits for the next turn.
 */
export class EventWrites {
  readonly #outgoing: ServerResponse;
  #waiting = "";

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing;
  }

  /** @returns whether the client has room for more */
  add(events: string): boolean {
    // The next tick runs after all pending promises of this turn.
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
