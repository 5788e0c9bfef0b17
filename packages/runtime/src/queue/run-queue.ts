import type { Pool } from "pg";
import { PgBoss, type Db } from "pg-boss";
import {
  onConnection,
  quoted,
  waitToClose,
  type Database,
  type Statement,
  type Transaction,
} from "../database/index.ts";
import { keyOf } from "../pipelines/index.ts";
import type { Announcer } from "../events/index.ts";
import { inside } from "./inside.ts";
import { jobTable, queueNames, queueSchema } from "./job-table.ts";
import { queues } from "./queues.ts";
import { ScheduleQueue } from "./schedule-queue.ts";

/** A worker's claim on a job while it executes the run. It expires without heartbeats. */
export interface Lease {
  readonly runId: string;
  readonly id: string;
  /** Distinguishes this claim from earlier ones. */
  readonly retryCount: number;
}

/** The position of a run in the queue. */
export interface Place {
  readonly pipeline: string;
  readonly version: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly startAfter?: Date | undefined;
}

/** A job of the queue: to execute a run. */
export interface Job extends Place {
  readonly id: string;
  readonly runId: string;
}

export interface RunQueueOptions {
  readonly database: Database;
  readonly announcer: Announcer;
  /** Receives errors of background work. */
  readonly onError: (error: Error) => void;
}

const { runs, schedules, deadLetters } = queueNames;

const upkeepSeconds = 60;
/** An id that no job can have. */
const unusedId = "00000000-0000-0000-0000-000000000000";

/** The queue of runs, which pg-boss keeps in the same database. A run has one job at most. */
export class RunQueue {
  /** Shares the pg-boss of this queue, which starts and stops it. */
  readonly schedules: ScheduleQueue;
  readonly #boss: PgBoss;
  readonly #database: Database;
  readonly #announcer: Announcer;
  readonly #foreign = new Set<string>();

  private constructor(boss: PgBoss, { database, announcer }: RunQueueOptions) {
    this.schedules = new ScheduleQueue(boss, database);
    this.#boss = boss;
    this.#database = database;
    this.#announcer = announcer;
  }

  /** Many processes may open it at once: a lock keeps them from creating the schema of pg-boss together. */
  static open(options: RunQueueOptions): Promise<RunQueue> {
    return options.database.exclusively("queue", () => RunQueue.#open(options));
  }

  static async #open(options: RunQueueOptions): Promise<RunQueue> {
    const { database, onError } = options;
    const { pool, backgroundPool, backend, schema } = database;
    const boss = new PgBoss({
      // The maintenance of a long queue may take minutes.
      db: {
        executeSql: (text, values) =>
          onConnection(backgroundPool, (client) => client.query(text, values as unknown[])),
      },
      backend,
      schema: queueSchema(schema),
      supervise: true,
      schedule: true,
      // Expired leases are found by a query of ours: one statement instead of nine.
      superviseIntervalSeconds: upkeepSeconds,
      monitorIntervalSeconds: 1,
      // How often completed jobs are deleted; the default of pg-boss is a day.
      maintenanceIntervalSeconds: upkeepSeconds,
      // For jobs that wait for other jobs, which this queue does not have.
      flowIntervalSeconds: 86_400,
      cronMonitorIntervalSeconds: 10,
      cronWorkerIntervalSeconds: 5,
    });
    boss.on("error", onError);
    const queue = new RunQueue(boss, options);
    try {
      await boss.start();
      await queue.#create();
      if (backend === "pglite" && isFirst(pool, schema)) await queue.#takeOver();
      await queue.#sendMissing();
      return queue;
    } catch (error) {
      // Its timers would keep the process alive.
      await queue.close().catch(() => undefined);
      throw error;
    }
  }

  /** Channel of the notifications about new work. */
  get channel(): string {
    return `${this.#database.schema}_work`;
  }

  /**
   * Puts a run without a job into the queue, as part of a transaction.
   *
   * @throws {Error} if the run has a job
   */
  async send({ query, afterCommit }: Transaction, job: Job): Promise<void> {
    const { text, values } = await this.insertionOf(job);
    const sent = await query(text, values);
    if (sent.length === 0) throw new Error(`The run ${job.runId} has a job in the queue already`);
    if (!job.startAfter) afterCommit(() => this.#announcer.work());
  }

  /**
   * The statement with which pg-boss inserts a job, for a caller that makes it a part of its own statement. It
   * returns no row if the run has a job. Its only value, `$1`, is the job as JSON.
   */
  async insertionOf(job: Job): Promise<Statement> {
    const { id, runId, pipeline, version, priority, startAfter } = job;
    let insertion: Statement | undefined;
    const executeSql: Db["executeSql"] = async (text, values = []) => {
      insertion = { text, values };
      return { rows: [{ id }] };
    };
    await this.#boss.send(
      runs,
      { runId },
      {
        id,
        singletonKey: runId,
        priority,
        group: { id: keyOf({ name: pipeline, version }) },
        ...(startAfter ? { startAfter } : {}),
        db: { executeSql },
      },
    );
    if (!insertion) throw new Error("pg-boss has made no statement that inserts a job");
    return insertion;
  }

  /** Replaces the job of a run by another one, as part of a transaction. */
  async replace(transaction: Transaction, former: string | null, job: Job): Promise<void> {
    await this.remove(transaction, former);
    await this.send(transaction, job);
  }

  /** Removes a job, even if a worker has claimed it, as part of a transaction. */
  async remove({ query }: Transaction, jobId: string | null): Promise<void> {
    if (jobId !== null) await this.#boss.deleteJob(runs, jobId, { db: inside(query) });
  }

  /**
   * Stops taking jobs of a pipeline that this process does not know.
   *
   * @param group - Name and version of the pipeline.
   */
  leaveToOthers(group: string): void {
    this.#foreign.add(group);
  }

  /**
   * Claims the next runs of the queue.
   *
   * @param most - Maximum number of runs.
   * @param runIds - Claims only these. @defaultValue any
   */
  async take(most: number, runIds?: readonly string[]): Promise<Lease[]> {
    if (runIds) return this.#takeNamed(most, runIds);
    const jobs = await this.#boss.fetch<{ runId: string }>(runs, {
      batchSize: most,
      ignoreGroups: [...this.#foreign],
      db: inside(this.#database.query),
    });
    return jobs.map(({ id, retryCount, data }) => ({ id, retryCount, runId: data.runId }));
  }

  /** pg-boss's `fetch` for named runs: pg-boss itself cannot select runs. */
  #takeNamed(most: number, runIds: readonly string[]): Promise<Lease[]> {
    const { query, schema } = this.#database;
    const queue = quoted(queueSchema(schema));
    return query<Lease>(
      `UPDATE ${queue}.job SET
         state = 'active', started_on = ${queue}.job_now(), heartbeat_on = ${queue}.job_now(),
         retry_count = CASE WHEN started_on IS NULL THEN retry_count ELSE retry_count + 1 END
       WHERE name = $1 AND id = ANY(ARRAY(
         SELECT job.id FROM ${queue}.job AS job JOIN ${quoted(schema)}.runs AS run ON job.id = run.job_id
         WHERE job.name = $1 AND run.id = ANY($2) AND job.group_id <> ALL($3)
           AND job.state < 'active' AND NOT job.blocked AND job.start_after <= ${queue}.job_now()
         ORDER BY job.priority DESC, job.created_on LIMIT $4
         FOR UPDATE OF job SKIP LOCKED
       ))
       RETURNING id, retry_count AS "retryCount", singleton_key AS "runId"`,
      [runs, runIds, [...this.#foreign], most],
    );
  }

  /**
   * Keeps leases from expiring.
   *
   * @returns those that have expired or were given back
   */
  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    if (leases.length === 0) return [];
    const claims = leases.map(({ id, retryCount }) => ({ id, retryCount }));
    const { heartbeat } = this.#database;
    const { settled }: Renewal = await this.#boss.touch(runs, claims, { db: inside(heartbeat) });
    if (!settled) return [];
    const renewed = new Set(settled);
    return leases.filter(({ id }) => !renewed.has(id));
  }

  /** Releases the runs and occurrences of schedules whose leases have expired, for other workers. */
  async freeLapsed(): Promise<void> {
    for (const name of [runs, schedules]) await this.#boss.supervise(name);
  }

  /**
   * Corrects times that were written before the clock of the server was set back. Otherwise jobs would not be due, leases of
   * dead workers would not expire, and schedules would not run until the clock reaches those times again.
   */
  async correctTimes(): Promise<void> {
    const { query, schema } = this.#database;
    await query(
      `UPDATE ${jobTable(schema)} SET
         start_after = CASE
           WHEN ${isAhead("created_on")} THEN now() + (start_after - created_on)
           WHEN state = 'retry' THEN least(start_after, now())
           ELSE start_after END,
         created_on = least(created_on, now()),
         heartbeat_on = least(heartbeat_on, now())
       WHERE state <= 'active' AND (${isAhead("created_on")} OR ${isAhead("heartbeat_on")}
         OR (state = 'retry' AND ${isAhead("start_after")}))`,
    );
    await query(
      `UPDATE ${quoted(queueSchema(schema))}.version SET cron_on = now() WHERE ${isAhead("cron_on")}`,
    );
  }

  /** Completes the job of a run. The statement that ends an execution does this too. */
  async release({ id, retryCount }: Lease, { query }: Transaction): Promise<void> {
    await this.#boss.complete(runs, { id, retryCount }, null, { db: inside(query) });
  }

  /** Gives a job back, for another worker. */
  async handBack({ id, retryCount }: Lease, transaction?: Transaction): Promise<void> {
    const db = inside((transaction ?? this.#database).query);
    await this.#boss.fail(runs, { id, retryCount }, { reason: "handed back" }, { db });
    if (transaction) transaction.afterCommit(() => this.#announcer.work());
    else this.#announcer.work();
  }

  /** Puts a run that was given up into the dead-letter queue. */
  async bury({ query }: Transaction, runId: string, story: object): Promise<void> {
    await this.#boss.send(deadLetters, { runId, ...story }, { db: inside(query) });
  }

  async close(): Promise<void> {
    // It waits for its statements in progress.
    await waitToClose(this.#boss.stop({ graceful: false, close: false }));
  }

  /** Only one process uses a PGlite: when it is opened, the holders of earlier leases have ended. */
  async #takeOver(): Promise<void> {
    const jobs = await this.#boss.findJobs(runs);
    const held = jobs.filter(({ state }) => state === "active").map(({ id }) => id);
    if (held.length > 0) await this.#boss.fail(runs, held, { reason: "its process is gone" });
  }

  /** Jobs for runs that should be executed and have none: those of an earlier version of the queue. */
  async #sendMissing(): Promise<void> {
    const { query, schema } = this.#database;
    const missing = await query<Omit<Job, "runId"> & { readonly run_id: string }>(
      `SELECT job_id AS id, id AS run_id, pipeline, version, priority FROM ${quoted(schema)}.runs AS run
       WHERE ended_at IS NULL AND job_id IS NOT NULL
         AND (status IN ('queued', 'running') OR waiting->>'for' IN ('quota', 'rate-limit'))
         AND NOT EXISTS (
           SELECT FROM ${jobTable(schema)} WHERE name = $1 AND job.id = run.job_id
         )`,
      [runs],
    );
    for (const { run_id: runId, ...job } of missing) {
      await this.#database.transaction((tx) => this.send(tx, { ...job, runId }));
    }
  }

  /** Creates the missing queues. */
  async #create(): Promise<void> {
    const there = new Set((await this.#boss.getQueues()).map(({ name }) => name));
    for (const [name, options] of Object.entries(queues)) {
      if (there.has(name)) continue;
      await this.#boss.createQueue(name, options);
      // pg-boss reads the options of a new queue when it first needs them; inside a transaction on the only
      // connection it could not.
      await this.#boss.findJobs(name, { id: unusedId });
    }
  }
}

/** Whether a column has a time that a correct clock could not have written. */
function isAhead(time: string): string {
  return `${time} > now() + interval '1 minute'`;
}

/** The answer of pg-boss to a renewal, which its types do not have. */
interface Renewal {
  /** Ids of the jobs that are still held by these claims. */
  readonly settled?: readonly string[];
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
