import type { Clock } from "@orchestra/core";
import type { WaitingRequest } from "@orchestra/core/limits";
import { DatabaseTimeoutError, isOutage } from "../database/index.ts";
import type { LimitsTable } from "./limits-table.ts";
import type { SyncOptions, SyncRequest } from "./sync-messages.ts";
import { SyncOutcome } from "./sync-outcome.ts";
import { finitePriority } from "./waiting-load.ts";
import { SyncQueue, type SyncTask } from "./sync-queue.ts";

const initialPauseMs = 50;
const maxPauseMs = 2000;
/** After this time without an answer, another connection is tried. */
const answerTimeoutMs = 10_000;

/** The state of a process that a sync sends, in addition to its tasks. */
export interface Situation extends Pick<
  SyncRequest,
  "inFlight" | "ahead" | "wantsAhead" | "aheadMs" | "allowanceMs" | "horizonMs"
> {
  /** Calls that wait, in their order. */
  readonly calls: readonly WaitingRequest[];
  /** Tasks of the sync that come before those of the queue. */
  readonly tasks: readonly SyncTask[];
}

/** A committed sync. */
export interface Synced {
  readonly outcome: SyncOutcome;
  readonly calls: readonly WaitingRequest[];
  readonly tasks: readonly SyncTask[];
}

export interface SyncLoopOptions {
  readonly table: LimitsTable;
  readonly holderId: string;
  readonly options: SyncOptions;
  readonly clock: Clock;
  readonly reference: (() => number) | undefined;
  readonly random: () => number;
  /** @param taken - The tasks of the queue that the sync will have. */
  readonly situation: (taken: readonly SyncTask[]) => Situation;
  readonly onSynced: (synced: Synced) => void;
  /** The database rejects the sync, and would reject it again. */
  readonly onRejected: (error: unknown) => void;
  readonly onOutage: (error: unknown) => void;
  /** The loop has stopped: timers decide when it starts again. */
  readonly onIdle: () => void;
}

/**
 * Sends the syncs of a process one after the other. After an outage it is unknown whether the last one was
 * committed: the next one repeats what is not confirmed, and the database applies each change once.
 */
export class SyncLoop {
  readonly tasks = new SyncQueue();
  /** When the last sync ended, by the process's own clock. */
  lastSyncAt = -Infinity;
  /** When the first of the tasks that can wait was added. */
  deferredAt = Infinity;
  /** End of the pause after an outage. */
  resumesAt = -Infinity;
  readonly #options: SyncLoopOptions;
  /** Number of the last sync. */
  #number = 0;
  /** Number of the last sync whose reply was received. */
  #confirmed = 0;
  /** The first sync of each change that is not confirmed. */
  readonly #sentIn = new Map<SyncTask, number>();
  #pauseMs = 0;
  #running: Promise<void> | undefined;

  constructor(options: SyncLoopOptions) {
    this.#options = options;
  }

  get isPaused(): boolean {
    return this.#options.clock.now() < this.resumesAt;
  }

  /** Resolves when the loop has stopped. */
  get stopped(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Adds a task that can wait a little, unless it is urgent. */
  defer(task: SyncTask): void {
    this.deferredAt = Math.min(this.deferredAt, this.#options.clock.now());
    this.tasks.push(task);
  }

  request(): void {
    this.tasks.requestSync();
    this.start();
  }

  /** Ends a pause. */
  resume(): void {
    this.resumesAt = -Infinity;
    this.request();
  }

  start(): void {
    if (this.#running) return;
    if (this.tasks.isUrgent && !this.isPaused) this.#running = this.#run();
    else this.#options.onIdle();
  }

  async #run(): Promise<void> {
    try {
      while (this.tasks.isUrgent && !this.isPaused) await this.#sync();
    } finally {
      this.#running = undefined;
      this.#options.onIdle();
    }
  }

  async #sync(): Promise<void> {
    const { table, holderId, options, clock } = this.#options;
    const taken = this.tasks.take();
    this.deferredAt = Infinity;
    const { tasks: others, calls, ...situation } = this.#options.situation(taken);
    const tasks = [...others, ...taken];
    const number = (this.#number += 1);
    const request: Omit<SyncRequest, "channel"> = {
      ...situation,
      options,
      sentAt: clock.now(),
      now: this.#options.reference?.(),
      confirmed: this.#confirmed,
      changes: tasks.flatMap((task) => this.#changeOf(task) ?? []),
      calls: calls.map(({ priority, tokens, askedAt }) => [
        finitePriority(priority),
        tokens,
        askedAt,
      ]),
    };
    try {
      const reply = await this.#inTime(table.sync(holderId, number, request));
      this.#confirmed = number;
      this.#sentIn.clear();
      this.#pauseMs = 0;
      this.lastSyncAt = clock.now();
      const outcome = new SyncOutcome(reply, { request, calls, options });
      this.#options.onSynced({ outcome, calls, tasks });
      for (const { onCommitted } of tasks) onCommitted?.(outcome);
    } catch (error) {
      if (isOutage(error)) this.#pause(error, tasks);
      else this.#reject(error, tasks);
    }
  }

  #changeOf(task: SyncTask): SyncRequest["changes"][number] | undefined {
    if (!task.change) return undefined;
    const sentIn = this.#sentIn.get(task) ?? this.#number;
    this.#sentIn.set(task, sentIn);
    return { ...task.change, sentIn };
  }

  /** The database is not available: waits before the next attempt. */
  #pause(error: unknown, tasks: readonly SyncTask[]): void {
    const { clock, random, onOutage } = this.#options;
    this.#pauseMs = Math.min(maxPauseMs, Math.max(initialPauseMs, this.#pauseMs * 2));
    this.resumesAt = clock.now() + this.#pauseMs * (0.5 + random() / 2);
    this.tasks.putBack(tasks);
    this.tasks.interrupt(error);
    onOutage(error);
  }

  #reject(error: unknown, tasks: readonly SyncTask[]): void {
    this.lastSyncAt = this.#options.clock.now();
    const deferred = tasks.filter(({ change, onFailed }) => change && !onFailed);
    this.tasks.putBack(deferred.map((task) => this.#withoutHurry(task)));
    if (deferred.length > 0) this.deferredAt = this.lastSyncAt;
    this.#options.onRejected(error);
    for (const { onFailed } of tasks) onFailed?.(error);
  }

  #withoutHurry(task: SyncTask): SyncTask {
    const patient = { ...task, isUrgent: false };
    const sentIn = this.#sentIn.get(task);
    if (sentIn !== undefined) this.#sentIn.set(patient, sentIn);
    return patient;
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const error = new DatabaseTimeoutError(
      `The database has not answered within ${answerTimeoutMs / 1000} s`,
    );
    const cancel = this.#options.clock.after(answerTimeoutMs, () => reject(error), true);
    try {
      return await Promise.race([work, timeout]);
    } finally {
      cancel();
      work.catch(() => undefined);
    }
  }
}
