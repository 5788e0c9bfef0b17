import type { LimiterChange } from "./limiter-change.ts";
import type { SyncOutcome } from "./sync-outcome.ts";

/** A task for this process's next sync. */
export interface SyncTask {
  /** Absent if only a sync is needed. */
  readonly change?: LimiterChange;
  /** Whether a caller waits for it, so that the sync must not be delayed. */
  readonly isUrgent: boolean;
  /** Whether calls that were made before it are served first. */
  readonly isBarrier?: boolean;
  /** Whether all waiting calls are notified of their wait after it. */
  readonly notifiesAll?: boolean;
  /** Called when its sync was committed. */
  readonly onCommitted?: (outcome: SyncOutcome) => void;
  /** Called when the database is not available; a task with a change stays in the queue. */
  readonly onOutage?: (error: unknown) => void;
  /** Called when the database rejects the sync; the task is removed. */
  readonly onFailed?: (error: unknown) => void;
}

/** Requests a sync; one such task is enough for any number of calls. */
const syncRequest: SyncTask = { isUrgent: true };

/** The tasks of a process's next syncs, in their order. */
export class SyncQueue {
  readonly #tasks: SyncTask[] = [];

  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }

  get isUrgent(): boolean {
    return this.#tasks.some((task) => task.isUrgent);
  }

  push(task: SyncTask): void {
    this.#tasks.push(task);
  }

  requestSync(): void {
    if (this.#tasks.at(-1) !== syncRequest) this.push(syncRequest);
  }

  /** Removes the tasks of the next sync: all up to the first barrier after a sync request. */
  take(): readonly SyncTask[] {
    const requested = this.#tasks.indexOf(syncRequest);
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

  /** Puts the tasks of a rejected sync back to the front. */
  putBack(tasks: readonly SyncTask[]): void {
    this.#tasks.unshift(...tasks);
  }
}
