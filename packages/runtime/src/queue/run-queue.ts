import type { Pool } from "pg";
import { PgBoss, type Db } from "pg-boss";
import type { Database, Transaction } from "../database/index.ts";

/** What a worker holds while it executes a run: its place in the queue, which lapses without heartbeats. */
export interface Lease {
  readonly runId: string;
  readonly id: string;
  /** Tells this claim from those before it. */
  readonly retryCount: number;
}

/** Where in the queue a run goes. */
export interface Place {
  readonly pipeline: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly startAfter?: Date | undefined;
}

export interface RunQueueOptions {
  readonly database: Database;
  /** Hears what goes wrong in the background. */
  readonly onError: (error: Error) => void;
}

const runs = "runs";
const deadLetters = "dead-letters";
const schedules = "schedules";

/** Without a heartbeat for so long a lease lapses; pg-boss allows no less. */
export const leaseSeconds = 10;
const lookSeconds = 3;
/** A run that its worker holds for longer is taken from it, and goes on from its last checkpoint. */
const longestExecutionSeconds = 23 * 3600;
/** A run's own count of crashes decides when to give up, not the queue's. */
const retryLimit = 1_000_000;

/** The queue of runs, which pg-boss keeps in the same database. */
export class RunQueue {
  readonly #boss: PgBoss;
  readonly #database: Database;
  readonly #foreign = new Set<string>();

  private constructor(boss: PgBoss, database: Database) {
    this.#boss = boss;
    this.#database = database;
  }

  /** Safe when many processes do so at once: pg-boss fails where another one creates its schema meanwhile. */
  static open(options: RunQueueOptions): Promise<RunQueue> {
    return options.database.exclusively("queue", () => RunQueue.#open(options));
  }

  static async #open({ database, onError }: RunQueueOptions): Promise<RunQueue> {
    const { pool, backend, schema } = database;
    const boss = new PgBoss({
      db: { executeSql: (text, values) => pool.query(text, values as unknown[]) },
      backend,
      schema: `${schema}_queue`,
      supervise: true,
      schedule: true,
      superviseIntervalSeconds: lookSeconds,
      monitorIntervalSeconds: lookSeconds,
      cronMonitorIntervalSeconds: 10,
      cronWorkerIntervalSeconds: 5,
    });
    boss.on("error", onError);
    await boss.start();
    const queue = new RunQueue(boss, database);
    await queue.#create();
    if (backend === "pglite" && isFirst(pool, schema)) await queue.#takeOver();
    return queue;
  }

  /** Channel on which it is told that there is work. */
  get channel(): string {
    return `${this.#database.schema}_work`;
  }

  /** Puts a run into the queue, as part of a transaction. */
  async send(
    { query, notify }: Transaction,
    runId: string,
    { pipeline, priority, startAfter }: Place,
  ): Promise<void> {
    await this.#boss.send(
      runs,
      { runId },
      {
        priority,
        group: { id: pipeline },
        ...(startAfter ? { startAfter } : {}),
        db: inside(query),
      },
    );
    if (!startAfter) await notify(this.channel, "");
  }

  /** From now on takes nothing of this pipeline: this process does not know it. */
  leaveToOthers(pipeline: string): void {
    this.#foreign.add(pipeline);
  }

  /** The next runs in line, at most so many. */
  async take(most: number): Promise<Lease[]> {
    const jobs = await this.#boss.fetch<{ runId: string }>(runs, {
      batchSize: most,
      ignoreGroups: [...this.#foreign],
    });
    return jobs.map(({ id, retryCount, data }) => ({ id, retryCount, runId: data.runId }));
  }

  /** Keeps leases from lapsing. */
  async renew(leases: readonly Lease[]): Promise<void> {
    if (leases.length === 0) return;
    await this.#boss.touch(
      runs,
      leases.map(({ id, retryCount }) => ({ id, retryCount })),
    );
  }

  /** The run needs no place in the queue any more. */
  async release({ query }: Transaction, { id, retryCount }: Lease): Promise<void> {
    await this.#boss.complete(runs, { id, retryCount }, null, { db: inside(query) });
  }

  /** Gives a run's place back, for another worker to take. */
  async handBack({ query, notify }: Transaction, { id, retryCount }: Lease): Promise<void> {
    await this.#boss.fail(
      runs,
      { id, retryCount },
      { reason: "handed back" },
      { db: inside(query) },
    );
    await notify(this.channel, "");
  }

  /** Puts a run that was given up where people look for such. */
  async bury({ query }: Transaction, runId: string, story: object): Promise<void> {
    await this.#boss.send(deadLetters, { runId, ...story }, { db: inside(query) });
  }

  async schedule(
    key: string,
    cron: string,
    timezone: string,
    data: { readonly pipeline: string },
  ): Promise<void> {
    const group = { id: data.pipeline };
    try {
      await this.#boss.schedule(schedules, cron, data, {
        key,
        tz: timezone,
        missed: "once",
        group,
      });
    } catch (error) {
      throw new RangeError(
        `${JSON.stringify(cron)} in ${timezone} is not a valid schedule: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  async unschedule(key: string): Promise<void> {
    await this.#boss.unschedule(schedules, key);
  }

  schedules(): Promise<{ cron: string; timezone: string; data?: object }[]> {
    return this.#boss.getSchedules(schedules);
  }

  /** Occurrences of schedules that are due. */
  takeDue(): Promise<{ id: string; data: object }[]> {
    const ignoreGroups = [...this.#foreign];
    return this.#boss.fetch<object>(schedules, { batchSize: 20, ignoreGroups });
  }

  /** Leaves an occurrence to another process. */
  async handBackDue(id: string): Promise<void> {
    await this.#boss.fail(schedules, id, { reason: "handed back" });
  }

  async completeDue(id: string): Promise<void> {
    await this.#boss.complete(schedules, id);
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false });
  }

  /** One process uses PGlite at a time: the holder of a lease is gone when it is opened, so the lease is free. */
  async #takeOver(): Promise<void> {
    const jobs = await this.#boss.findJobs(runs);
    const held = jobs.filter(({ state }) => state === "active").map(({ id }) => id);
    if (held.length > 0) await this.#boss.fail(runs, held, { reason: "its process is gone" });
  }

  async #create(): Promise<void> {
    const keptSeconds = 14 * 86_400;
    await this.#boss.createQueue(deadLetters, { retentionSeconds: keptSeconds });
    await this.#boss.createQueue(runs, {
      heartbeatSeconds: leaseSeconds,
      expireInSeconds: longestExecutionSeconds,
      retentionSeconds: 10 * 365 * 86_400,
      // The run's own row tells its story; the queue need not.
      deleteAfterSeconds: 60,
      retryLimit,
      retryDelay: 0,
    });
    await this.#boss.createQueue(schedules, {
      retryLimit: 5,
      retryDelay: 1,
      deleteAfterSeconds: 3600,
    });
    // pg-boss reads a queue's options when it first needs them; inside a transaction on the only
    // connection it could not.
    for (const name of [runs, deadLetters, schedules])
      await this.#boss.fetch(name, { batchSize: 1, minPriority: 2 ** 31 - 1 });
  }
}

/** The queues, by their schema, that this process has opened on a PGlite. */
const opened = new WeakMap<Pool, Set<string>>();

function isFirst(pool: Pool, schema: string): boolean {
  const schemas = opened.get(pool) ?? new Set();
  opened.set(pool, schemas);
  if (schemas.has(schema)) return false;
  schemas.add(schema);
  return true;
}

/** pg-boss's view of a transaction of ours. */
function inside(query: Transaction["query"]): Db {
  return { executeSql: async (text, values = []) => ({ rows: await query(text, values) }) };
}
