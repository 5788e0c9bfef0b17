import type { Lease } from "./turn.ts";
import type { Entry } from "./turn-queue.ts";

interface UnsureTurn {
  readonly turn: string;
  /** What was said in it. */
  readonly entries: readonly Entry[];
  /** What was booked in it. */
  readonly leases: readonly Lease[];
}

/**
 * Turns of which nobody knows whether they were committed, for the connection broke. The document
 * tells by the last turn that it has seen: that one was, and what those before it had to say is said.
 */
export class UnsureTurns {
  #turns: readonly UnsureTurn[] = [];

  add(turn: UnsureTurn): void {
    this.#turns = [...this.#turns, turn];
  }

  /**
   * What is left to say, and what was booked and never came.
   *
   * @param lastTurn - The last turn of this process that the document has seen; nothing where the
   * process has been taken for dead meanwhile. What must not be said twice is then not said again.
   */
  resolve(lastTurn: string | undefined, entries: readonly Entry[]) {
    const committed = this.#turns.findIndex(({ turn }) => turn === lastTurn);
    const said = this.#turns.slice(0, committed + 1).flatMap((turn) => turn.entries);
    const doubtful = this.#turns.flatMap((turn) => turn.entries.filter((each) => !each.isBarrier));
    const settled = new Set(lastTurn === undefined ? doubtful : said);
    return {
      entries: entries.filter((entry) => !settled.has(entry)),
      unused: this.#turns[committed]?.leases ?? [],
    };
  }

  /** A turn was committed, and has heeded them all. */
  clear(): void {
    this.#turns = [];
  }
}
