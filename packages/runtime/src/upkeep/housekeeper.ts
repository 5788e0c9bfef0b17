import { waits } from "@orchestra/core/extend";
import type { RunArtifacts } from "../artifacts/index.ts";
import { isOutage, takeTurn, vacuumEmbedded, type Database } from "../database/index.ts";
import { findDueWork, findOverdueRuns } from "./due-work.ts";
import { Latch } from "../background/latch.ts";
import { forgetOldBudgets } from "../limits/index.ts";
import type { RunQueue } from "../queue/run-queue.ts";
import { forgetOldUsage } from "../usage/index.ts";
import {
  deleteOutdatedRuns,
  failed,
  hasEnded,
  pastDeadline,
  tidyPartitions,
  type RunStore,
} from "../runs/index.ts";
import type { Schedules } from "../control/schedules.ts";

export interface HousekeeperOptions {
  readonly store: RunStore;
  readonly artifacts: RunArtifacts;
  readonly queue: RunQueue;
  readonly database: Database;
  readonly schedules: Schedules;
  /** Retention of ended runs, in milliseconds. */
  readonly keptMs: number;
  /** Called when runs wait to be executed. */
  readonly onWork: () => void;
  readonly onError: (error: unknown) => void;
}

const lookMs = 2000;
const tidyMs = 60_000;
/** How often an embedded database is vacuumed. */
const vacuumMs = 600_000;
const batch = 100;

/**
 * Periodic work: schedules, deadlines of runs that no worker executes, expired leases,
 * retention.
 */
export class Housekeeper implements AsyncDisposable {
  readonly #options: HousekeeperOptions;
  readonly #stopping = new AbortController();
  readonly #pause = new Latch();
  readonly #work: Promise<void>;
  #freeing: Promise<void> | undefined;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
    this.#work = this.#loop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#work;
    await this.#freeing;
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopping;
    for (let tidiedAt = -Infinity; !signal.aborted;) {
      await this.#try(() => this.#doDue());
      if (performance.now() - tidiedAt >= tidyMs) {
        tidiedAt = performance.now();
        await this.#try(() => this.#tidy());
      }
      await this.#pause.next(lookMs, signal);
    }
  }

  async #doDue(): Promise<void> {
    const { database, schedules, onWork } = this.#options;
    const { signal } = this.#stopping;
    // Read only: an answer after the end is not needed.
    const due = await waits.unlessAborted(findDueWork(database), signal);
    if (due.runs) onWork();
    if (due.lapsedLeases) this.#freeing ??= this.#freeLapsed();
    if (due.occurrences) await this.#try(() => schedules.startDue(signal));
    if (due.overdue) await this.#try(() => this.#failOverdue());
  }

  /** Runs concurrently with the loop: it may take minutes if the queue is long. */
  async #freeLapsed(): Promise<void> {
    const { queue, onWork } = this.#options;
    await this.#try(() => queue.freeLapsed());
    this.#freeing = undefined;
    onWork();
  }

  /** Work that only one of all processes does in each interval. */
  async #tidy(): Promise<void> {
    const { database, queue, keptMs } = this.#options;
    // A little shorter than the interval of the loop, or the next turn of this process would be refused.
    if (!(await takeTurn(database, "upkeep", tidyMs - lookMs))) return;
    await this.#try(() => queue.correctTimes());
    await this.#try(() => this.#deleteOutdated());
    await this.#try(() => tidyPartitions(database, keptMs));
    await this.#try(() => forgetOldBudgets(database, keptMs));
    await this.#try(() => forgetOldUsage(database, keptMs));
    if (database.backend !== "pglite" || this.#stopping.signal.aborted) return;
    if (await takeTurn(database, "vacuum", vacuumMs)) await vacuumEmbedded(database);
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // After an outage, the next round of the loop repeats the work.
      if (!this.#stopping.signal.aborted && !isOutage(error)) this.#options.onError(error);
    }
  }

  async #failOverdue(): Promise<void> {
    const { database, store, queue } = this.#options;
    for (const id of await findOverdueRuns(database, batch)) {
      await store.locked(id, async ({ row, leave, transaction }) => {
        if (hasEnded(row) || row.status === "running") return;
        await queue.remove(transaction, row.job_id);
        await leave(failed(pastDeadline));
      });
    }
  }

  async #deleteOutdated(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && (await this.#deleteBatch()) === batch);
  }

  /**
   * Artifacts are deleted before the deletion of the runs is committed: if this process dies in between, another
   * one deletes both.
   */
  #deleteBatch(): Promise<number> {
    const { database, artifacts, keptMs } = this.#options;
    return database.transaction(async (transaction) => {
      const ids = await deleteOutdatedRuns(transaction, database.schema, {
        keptMs,
        limit: batch,
      });
      // If a folder cannot be deleted, other runs must still be deleted.
      for (const id of ids) await this.#try(() => artifacts.delete(id));
      return ids.length;
    });
  }
}
