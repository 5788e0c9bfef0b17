import type { Change, TurnOutcome } from "./turn.ts";

/** Something to do in this process's next turn. */
export interface TurnTask {
  /** Absent if only a turn is needed. */
  readonly change?: Change;
  /** Whether a caller waits for it, so that the turn must not be delayed. */
  readonly isUrgent: boolean;
  /** Whether calls that were made before it are served first. Such a change may be applied twice. */
  readonly isBarrier?: boolean;
  /** Whether all waiting calls are notified of their wait after it. */
  readonly notifiesAll?: boolean;
  /** Called when its turn was committed. */
  readonly onCommitted?: (outcome: TurnOutcome) => void;
  /** Called when the database is not available; a task with a change stays in the queue. */
  readonly onOutage?: (error: unknown) => void;
  /** Called when the database rejects the turn; the task is removed. */
  readonly onFailed?: (error: unknown) => void;
}

/** Requests a turn; one such task is enough for any number of calls. */
const turnRequest: TurnTask = { isUrgent: true };

/** The tasks of a process's next turns, in their order. */
export class TurnQueue {
  readonly #tasks: TurnTask[] = [];

  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }

  get isUrgent(): boolean {
    return this.#tasks.some((task) => task.isUrgent);
  }

  push(task: TurnTask): void {
    this.#tasks.push(task);
  }

  requestTurn(): void {
    if (this.#tasks.at(-1) !== turnRequest) this.push(turnRequest);
  }

  /** Removes the tasks of the next turn: all up to the first barrier after a turn request. */
  take(): readonly TurnTask[] {
    const requested = this.#tasks.indexOf(turnRequest);
    const barrier = this.#tasks.findIndex(({ isBarrier }, index) => isBarrier && index > requested);
    const end = requested >= 0 && barrier >= 0 ? barrier : this.#tasks.length;
    return this.#tasks.splice(0, end);
  }

  /** The database is not available: notifies the tasks, and keeps those with a change. */
  interrupt(error: unknown): void {
    const all = this.#tasks.splice(0);
    this.#tasks.push(...all.filter(({ change, onOutage }) => change || !onOutage));
    for (const { onOutage } of all) onOutage?.(error);
  }

  /** Puts the tasks of a turn that failed back to the front. */
  putBack(tasks: readonly TurnTask[]): void {
    this.#tasks.unshift(...tasks);
  }
}
