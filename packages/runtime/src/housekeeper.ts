import { isOutage, type Database } from "./database/index.ts";
import { Latch } from "./latch.ts";
import { forgetOldBudgets } from "./limits/index.ts";
import type { RunQueue } from "./queue/run-queue.ts";
import { failed, hasEnded, pastDeadline, type RunStore } from "./runs/index.ts";
import type { Schedules } from "./schedules.ts";

export interface HousekeeperOptions {
  readonly store: RunStore;
  readonly queue: RunQueue;
  readonly database: Database;
  readonly schedules: Schedules;
  /** How long ended runs are kept, in milliseconds. */
  readonly keptMs: number;
  readonly onError: (error: unknown) => void;
}

const lookMs = 2000;
const tidyMs = 60_000;
const batch = 100;

/** Work that is due at a time: schedules, deadlines of runs that no worker executes, retention. */
export class Housekeeper implements AsyncDisposable {
  readonly #options: HousekeeperOptions;
  readonly #stopping = new AbortController();
  readonly #pause = new Latch();
  readonly #work: Promise<void>;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
    this.#work = this.#keepHouse();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#work;
  }

  async #keepHouse(): Promise<void> {
    const { signal } = this.#stopping;
    for (let tidiedAt = -Infinity; !signal.aborted;) {
      await this.#try(() => this.#options.schedules.startDue(signal));
      await this.#try(() => this.#failOverdue());
      if (performance.now() - tidiedAt >= tidyMs) {
        tidiedAt = performance.now();
        await this.#try(() => this.#deleteOutdated());
        const { database, keptMs } = this.#options;
        await this.#try(() => forgetOldBudgets(database, keptMs));
      }
      await this.#pause.next(lookMs, signal);
    }
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // A database that is away is there again at the next look.
      if (!this.#stopping.signal.aborted && !isOutage(error)) this.#options.onError(error);
    }
  }

  async #failOverdue(): Promise<void> {
    const { store, queue } = this.#options;
    for (const id of await store.overdue(batch)) {
      await store.locked(id, async ({ row, leave, transaction }) => {
        if (hasEnded(row) || row.status === "running") return;
        await queue.remove(transaction, row.job_id);
        await leave(failed(pastDeadline));
      });
    }
  }

  async #deleteOutdated(): Promise<void> {
    const { store, keptMs } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted && (await store.deleteOutdated(keptMs, batch)) === batch);
  }
}
