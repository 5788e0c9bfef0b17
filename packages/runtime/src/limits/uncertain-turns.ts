import type { Lease } from "./turn.ts";
import type { TurnTask } from "./turn-queue.ts";

interface UncertainTurn {
  readonly turn: string;
  readonly tasks: readonly TurnTask[];
  /** Leases that were booked in it. */
  readonly leases: readonly Lease[];
}

/**
 * Turns that may or may not have been committed, because the connection broke. The account's document
 * stores the id of this process's last committed turn; the turns before that one were either
 * committed too, or their tasks were repeated in it.
 */
export class UncertainTurns {
  #turns: readonly UncertainTurn[] = [];

  add(turn: UncertainTurn): void {
    this.#turns = [...this.#turns, turn];
  }

  /**
   * The tasks that are still to do, and the leases that were booked but never received.
   *
   * @param lastTurn - Id of the last committed turn, from the document; `undefined` if the process
   *   was taken for dead in the meantime. Tasks that must not be applied twice are then dropped.
   */
  resolve(lastTurn: string | undefined, tasks: readonly TurnTask[]) {
    const committed = this.#turns.findIndex(({ turn }) => turn === lastTurn);
    const done = this.#turns.slice(0, committed + 1).flatMap((turn) => turn.tasks);
    const unrepeatable = this.#turns.flatMap((turn) =>
      turn.tasks.filter((each) => !each.isBarrier),
    );
    const dropped = new Set(lastTurn === undefined ? unrepeatable : done);
    return {
      tasks: tasks.filter((task) => !dropped.has(task)),
      unused: this.#turns[committed]?.leases ?? [],
    };
  }

  /** A later turn was committed, which has resolved them all. */
  clear(): void {
    this.#turns = [];
  }
}
