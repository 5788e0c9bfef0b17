import { ArgumentError } from "@orchestra/core/gateway";
import { quoted as shown } from "@orchestra/core/extend";
import { quoted, type Database, type Statement, type Transaction } from "../database/index.ts";
import type { Announcer, EventStore, NewEvent } from "../events/index.ts";
import { RunStateError } from "../errors/index.ts";
import type { EntryKey } from "../journal/index.ts";
import { jobTable, queueNames } from "../queue/job-table.ts";
import type { Lease } from "../queue/run-queue.ts";
import { columns, type Batch, type Claim } from "./batch.ts";
import type { End } from "./end.ts";
import { appending, booking } from "./execution-writes.ts";
import { valuesOfChange, type RunChanges } from "./run-changes.ts";
import type { RunRow } from "./run-row.ts";
import { hasEnded, type ForkOrigin, type RunUsage } from "./run.ts";
import { statementsFor } from "./statements.ts";

export interface NewRun {
  readonly id: string;
  readonly pipeline: string;
  readonly version: string;
  readonly input: unknown;
  readonly approval: boolean;
  readonly priority: number;
  readonly idempotencyKey?: string | undefined;
  readonly schedule?: string | undefined;
  readonly traceId?: string | undefined;
  readonly traceparent?: string | undefined;
  /** In milliseconds since the epoch. */
  readonly deadlineAt?: number | undefined;
  readonly forkedFrom?: ForkOrigin | undefined;
  readonly models?: Readonly<Record<string, string>> | undefined;
  /** The client's key of the run. */
  readonly keyId?: string | undefined;
  /** The end user of the run. */
  readonly user?: string | undefined;
  /** The job that executes it. */
  readonly jobId: string;
}

/** The data that a fork takes from its origin. */
export interface Takeover {
  /** The epoch of the entries in the fork. */
  readonly epoch: number;
  readonly entries: readonly EntryKey[];
  /** The last checkpoint. */
  readonly upTo?: string | undefined;
}

/** A run's row, locked for one transaction, and the changes that are possible there. */
export interface LockedRun {
  readonly row: RunRow;
  /** When the transaction began, by the database's clock. */
  readonly now: Date;
  /** Changes the run and adds events, which get their numbers; the commit announces them. */
  readonly change: (changes: RunChanges, events?: readonly NewEvent[]) => Promise<RunRow>;
  /** Ends the run, or leaves it waiting. */
  readonly leave: (end: End, changes?: RunChanges, events?: readonly NewEvent[]) => Promise<RunRow>;
  readonly transaction: Transaction;
}

/** The worker that claims runs, and the runs that it can execute. */
export interface Claimant {
  readonly worker: string;
  /** Names and versions of the pipelines that it knows. */
  readonly pipelines: readonly string[];
}

/** The result of an execution's write: `lost` if another execution has the run. */
export type Written = "written" | "repeated" | "lost";

/** PostgreSQL's code for a missing value: in a new run, the number of an event without a job. */
const notNull = "23502";
/** PostgreSQL's code for a missing reference: from a run to its key. */
const noSuchRow = "23503";

/** The table of runs: creates, changes and reads them. */
export class RunStore {
  readonly #database: Database;
  readonly #events: EventStore;
  readonly #announcer: Announcer;
  readonly #table: string;
  readonly #statements: ReturnType<typeof statementsFor>;
  readonly #appending: ReturnType<typeof appending>;
  readonly #booking: ReturnType<typeof booking>;

  constructor(database: Database, events: EventStore, announcer: Announcer) {
    this.#database = database;
    this.#events = events;
    this.#announcer = announcer;
    const schema = quoted(database.schema);
    this.#table = `${schema}.runs`;
    this.#statements = statementsFor(schema);
    const jobs = jobTable(database.schema);
    const tables = { schema, jobs, queue: queueNames.runs };
    this.#appending = appending(tables);
    this.#booking = booking(tables);
  }

  /**
   * Stores a new run with its job, in one statement.
   *
   * @param job - The statement that inserts the job.
   * @param transaction - The transaction of the statement, if any.
   * @returns `undefined` if the pipeline already has a run with that idempotency key and client's key
   * @throws {Error} if the queue has a job of a run with that id
   */
  async insert(
    run: NewRun,
    job: Statement,
    transaction?: Transaction,
  ): Promise<RunRow | undefined> {
    const { query } = transaction ?? this.#database;
    const values = [
      run.id,
      run.pipeline,
      JSON.stringify(run.input),
      run.approval,
      run.priority,
      run.idempotencyKey,
      run.schedule,
      run.traceId,
      run.deadlineAt,
      run.jobId,
      run.version,
      JSON.stringify({ type: "run-queued", pipeline: run.pipeline, forkedFrom: run.forkedFrom }),
      this.#events.valueToJson(run.forkedFrom),
      this.#events.valueToJson(run.models),
      run.keyId,
      run.user,
      run.traceparent,
      ...job.values,
    ];
    const [row] = await query<RunRow>(this.#statements.insert(job.text), values, {
      isFrequent: true,
    }).catch((error: unknown) => {
      requireKnownKey(error, run.keyId);
      if ((error as { code?: string }).code !== notNull) throw error;
      const problem = `The run ${run.id} has a job in the queue already`;
      throw new Error(problem, { cause: error });
    });
    const announce = (): void => {
      this.#announcer.changed(run.id);
      this.#announcer.work();
    };
    if (row && transaction) transaction.afterCommit(announce);
    else if (row) announce();
    return row;
  }

  /**
   * Copies the data of another run to a new one. The other run must not have changed since it was read.
   *
   * @throws {RunStateError}
   */
  async takeOver(
    { query }: Transaction,
    run: string,
    source: RunRow,
    taken: Takeover,
  ): Promise<void> {
    const [row] = await query<RunRow>(
      `SELECT event_count FROM ${this.#table} WHERE id = $1 FOR SHARE`,
      [source.id],
    );
    if (row?.event_count !== source.event_count) {
      throw new RunStateError(
        `Run ${source.id} changed while it was forked; try again`,
        source.status,
      );
    }
    const { epoch, entries, upTo = null } = taken;
    await query(this.#statements.takeOver, [
      run,
      source.id,
      epoch,
      ...columns(entries, ["epoch", "kind", "step", "name", "request", "occurrence"]),
      upTo,
    ]);
  }

  async find(id: string): Promise<RunRow | undefined> {
    const [row] = await this.#database.query<RunRow>(`SELECT * FROM ${this.#table} WHERE id = $1`, [
      id,
    ]);
    return row;
  }

  /** The run that was started with an idempotency key by the same client's key, or also without one. */
  async findByIdempotencyKey({
    pipeline,
    idempotencyKey,
    keyId = "",
  }: NewRun): Promise<RunRow | undefined> {
    const [row] = await this.#database.query<RunRow>(
      `SELECT * FROM ${this.#table} WHERE pipeline = $1 AND idempotency_key = $2
        AND coalesce(idempotency_scope, key_id, '') = $3`,
      [pipeline, idempotencyKey, keyId],
    );
    return row;
  }

  /**
   * Locks a run while `work` uses it.
   *
   * @returns `undefined` if there is no such run
   */
  locked<T>(id: string, work: (run: LockedRun) => Promise<T>): Promise<T | undefined> {
    return this.#database.transaction(async (transaction) => {
      const [found] = await transaction.query<RunRow & { readonly now: Date }>(
        `SELECT *, now() FROM ${this.#table} WHERE id = $1 FOR UPDATE`,
        [id],
      );
      if (!found) return undefined;
      const { now, ...row } = found;
      let latest: RunRow = row;
      const change: LockedRun["change"] = async (changes, events = []) =>
        (latest = await this.#change(transaction, latest, changes, events));
      const leave: LockedRun["leave"] = (end, changes, events = []) =>
        change({ ...changesOf(end), ...changes }, [...events, end.event]);
      return work({ row, now, change, leave, transaction });
    });
  }

  /**
   * Claims a queued run for the worker with its job, in one statement, unless the run has to be examined
   * first.
   *
   * @param crashes - How often in a row the run has lost its worker, as far as the caller knows.
   * @returns `undefined` if the run was not claimed
   */
  async claim(
    { runId, id: jobId, retryCount }: Lease,
    { worker, pipelines }: Claimant,
    crashes = 0,
    query = this.#database.query,
  ): Promise<RunRow | undefined> {
    const values = [runId, jobId, retryCount, worker, pipelines, crashes];
    const [row] = await query<RunRow>(this.#statements.claim, values, { isFrequent: true });
    if (row) this.#announcer.changed(runId);
    return row;
  }

  /**
   * Writes the results of an execution, in one statement. Repeating a write does nothing.
   *
   * @param number - Number of the execution's write, from 1.
   */
  async append(
    claim: Claim,
    number: number,
    batch: Batch,
    query = this.#database.query,
  ): Promise<Written> {
    const { runId, jobId, attempt } = claim;
    const { text, values } = this.#appending(claim, number, batch, this.#events);
    const written = await query(text, values, { isFrequent: true });
    if (written.length > 0) {
      const { events, end } = batch;
      const hasEnded = end?.ends ?? false;
      if (end) this.#announcer.changed(runId, { hasEnded, isUrgent: true });
      else if (events.length > 0) this.#announcer.changed(runId);
      return "written";
    }
    // The write may have succeeded before, and its reply may have been lost.
    const [row] = await query<RunRow>(`SELECT * FROM ${this.#table} WHERE id = $1`, [runId]);
    const next = batch.end?.jobId;
    const isOurs = next
      ? row?.job_id === next
      : row?.job_id === jobId && row.job_attempt === attempt && row.writes === number;
    return isOurs ? "repeated" : "lost";
  }

  /**
   * Books the cost of an execution that has lost the run.
   *
   * @param number - Number of the refused write.
   */
  async book(claim: Claim, number: number, usage: RunUsage): Promise<void> {
    const { text, values } = this.#booking(claim, number, usage);
    await this.#database.query(text, values);
  }

  async #change(
    { query, afterCommit }: Transaction,
    row: RunRow,
    changes: RunChanges,
    events: readonly NewEvent[],
  ): Promise<RunRow> {
    const values = [...valuesOfChange(row, changes, this.#events), this.#events.toJson(events)];
    const [changed] = await query<RunRow>(this.#statements.change, values).catch(
      (error: unknown) => {
        requireKnownKey(error, changes.keyId);
        throw error;
      },
    );
    if (!changed) throw new Error(`Run ${row.id} is gone while it was locked`);
    afterCommit(() => this.#announcer.changed(row.id, { hasEnded: hasEnded(changed) }));
    return changed;
  }
}

/** @throws {ArgumentError} if the database does not have the key of a run */
function requireKnownKey(error: unknown, keyId: string | null | undefined): void {
  if (typeof keyId !== "string" || (error as { code?: string }).code !== noSuchRow) return;
  throw new ArgumentError(
    `options.keyId is ${shown(keyId)}, which is the id of no key: expected one of runtime.keys.list().`,
    { cause: error },
  );
}

function changesOf({ status, waiting, output, error, ends, isDeadLetter }: End): RunChanges {
  return {
    status,
    waiting,
    ...(output !== undefined && { output }),
    ...(error && { error }),
    ...(isDeadLetter && { isDeadLetter }),
    decisions: null,
    fork: null,
    ends,
  };
}
