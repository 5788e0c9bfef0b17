import type { Change, Lease } from "./turn.ts";

interface UnsureTurn {
  readonly turn: string;
  readonly changes: readonly Change[];
  readonly leases: readonly Lease[];
}

/**
 * Turns of which nobody knows whether they were committed, for the connection broke. The document
 * tells by the last turn that it has seen: that one was, and all before it are in what it wrote.
 */
export class UnsureTurns {
  #turns: readonly UnsureTurn[] = [];

  add(turn: UnsureTurn): void {
    this.#turns = [...this.#turns, turn];
  }

  /**
   * What is left to say, and what was booked and never came.
   *
   * @param lastTurn - The last turn of this process that the document has seen.
   */
  resolve(lastTurn: string | undefined, changes: readonly Change[]) {
    const committed = this.#turns.findIndex(({ turn }) => turn === lastTurn);
    const said = new Set(this.#turns.slice(0, committed + 1).flatMap((turn) => turn.changes));
    return {
      changes: changes.filter((change) => !said.has(change)),
      unused: this.#turns[committed]?.leases ?? [],
    };
  }

  /** A turn was committed, and has heeded them all. */
  clear(): void {
    this.#turns = [];
  }
}
