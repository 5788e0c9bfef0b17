import { schemas } from "@orchestra/core/extend";
import { z } from "zod";
import { quoted, type Database, type Query, type Transaction } from "../database/index.ts";
import type { EventStore, NewEvent } from "../events/index.ts";
import { keeping, type KeptEntry } from "../journal/index.ts";
import { toRun, type RunRow } from "./run-row.ts";
import { assignmentsFor, type RunChanges } from "./run-changes.ts";
import type { Run, RunStatus, RunUsage } from "./run.ts";

export interface NewRun {
  readonly id: string;
  readonly pipeline: string;
  readonly input: unknown;
  readonly approval: boolean;
  readonly priority: number;
  readonly idempotencyKey?: string | undefined;
  readonly schedule?: string | undefined;
  readonly traceId?: string | undefined;
  /** In milliseconds since the epoch. */
  readonly deadlineAt?: number | undefined;
}

export interface ListRunsOptions {
  readonly status?: RunStatus | readonly RunStatus[] | undefined;
  readonly pipeline?: string | undefined;
  /** Only runs that killed their workers and were given up. */
  readonly deadLetters?: boolean | undefined;
  /** Most runs of one page. @defaultValue `50` */
  readonly limit?: number | undefined;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
}

export interface RunPage {
  /** The newest first. */
  readonly runs: readonly Run[];
  /** For the page after this one; absent on the last. */
  readonly next?: string;
}

/** A run's row, locked for one transaction, and what is done with it there. */
export interface LockedRun {
  readonly row: RunRow;
  /** Changes the run and adds events; those are numbered and told with the commit. */
  readonly change: (changes: RunChanges, events?: readonly NewEvent[]) => Promise<RunRow>;
  readonly transaction: Transaction;
}

/** One write of an execution. */
export interface ExecutionWrite {
  readonly runId: string;
  readonly execution: number;
  /** From 1. */
  readonly number: number;
}

/** The table of runs. */
export class RunStore {
  readonly #database: Database;
  readonly #events: EventStore;
  readonly #table: string;

  constructor(database: Database, events: EventStore) {
    this.#database = database;
    this.#events = events;
    this.#table = `${quoted(database.schema)}.runs`;
  }

  /** @returns nothing where the pipeline has a run of that idempotency key already */
  async insert({ query }: Transaction, run: NewRun): Promise<RunRow | undefined> {
    const values: unknown[] = [];
    const place = (value: unknown) => `$${values.push(value)}`;
    const id = `${place(run.id)}::text`;
    const columns = [
      place(run.pipeline),
      place(JSON.stringify(run.input)),
      place(run.approval),
      place(run.priority),
      place(run.idempotencyKey),
      place(run.schedule),
      place(run.traceId),
      `to_timestamp(${place(run.deadlineAt)}::double precision / 1000)`,
    ];
    const insertion = `INSERT INTO ${this.#table}
         (id, status, event_count, pipeline, input, approval, priority, idempotency_key, schedule,
          trace_id, deadline_at)
       VALUES (${id}, 'queued', 1, ${columns.join(", ")})
       ON CONFLICT DO NOTHING RETURNING *`;
    const events: readonly NewEvent[] = [{ type: "run-queued", pipeline: run.pipeline }];
    const [row] = await query<RunRow>(this.#telling(insertion, id, place, events), values);
    return row;
  }

  async find(id: string): Promise<RunRow | undefined> {
    const [row] = await this.#database.query<RunRow>(`SELECT * FROM ${this.#table} WHERE id = $1`, [
      id,
    ]);
    return row;
  }

  async findByKey(pipeline: string, key: string): Promise<RunRow | undefined> {
    const [row] = await this.#database.query<RunRow>(
      `SELECT * FROM ${this.#table} WHERE pipeline = $1 AND idempotency_key = $2`,
      [pipeline, key],
    );
    return row;
  }

  /**
   * Does something with a run, and locks the run meanwhile.
   *
   * @returns nothing where there is no such run
   */
  locked<T>(id: string, work: (run: LockedRun) => Promise<T>): Promise<T | undefined> {
    return this.#database.transaction(async (transaction) => {
      const [row] = await transaction.query<RunRow>(
        `SELECT * FROM ${this.#table} WHERE id = $1 FOR UPDATE`,
        [id],
      );
      if (!row) return undefined;
      let now = row;
      const change: LockedRun["change"] = async (changes, events = []) =>
        (now = await this.#change(transaction, now, changes, events));
      return work({ row, change, transaction });
    });
  }

  /**
   * Writes down what an execution has done, in one statement: changes and events only while the
   * execution is the run's latest; answers that were paid for in any case. Repeating a write does
   * nothing.
   *
   * @returns whether it is the latest
   */
  async record(
    { runId, execution, number }: ExecutionWrite,
    changes: RunChanges,
    events: readonly NewEvent[],
    kept: readonly KeptEntry[],
  ): Promise<boolean> {
    const { sql, values } = assignmentsFor({ ...changes, writes: number }, events.length);
    const places = [...values];
    const place = (value: unknown) => `$${places.push(value)}`;
    const id = `${place(runId)}::text`;
    const { canNotify, query } = this.#database;
    const [written] = await query(
      `WITH run AS (
         UPDATE ${this.#table} SET ${sql}
         WHERE id = ${id} AND executions = ${place(execution)} AND writes = ${place(number - 1)}
           AND ended_at IS NULL
         RETURNING event_count, ended_at
       )
       ${events.length > 0 ? `, told AS (${this.#events.insertion(id, place, events)})` : ""}
       ${kept.length > 0 ? `, kept AS (${keeping(this.#database, id, place, kept)})` : ""}
       SELECT event_count
       ${canNotify ? `, ${this.#events.announcement(id, place)}` : ""}
       FROM run`,
      places,
    );
    if (written) return true;
    const row = await this.find(runId);
    return row?.executions === execution && row.writes === number;
  }

  /** Books what an execution paid for that is not the run's any more. */
  async book(
    runId: string,
    usage: RunUsage | undefined,
    kept: readonly KeptEntry[],
  ): Promise<void> {
    const { sql, values } = assignmentsFor({ usage }, 0);
    const places = [...values];
    const place = (value: unknown) => `$${places.push(value)}`;
    const id = `${place(runId)}::text`;
    const entries =
      kept.length > 0 ? `WITH kept AS (${keeping(this.#database, id, place, kept)})` : "";
    await this.#database.query(
      `${entries} UPDATE ${this.#table} SET ${sql === "" ? "progress = progress" : sql} WHERE id = ${id}`,
      places,
    );
  }

  async list(options: ListRunsOptions = {}): Promise<RunPage> {
    const { status, pipeline, deadLetters, limit = 50, after } = options;
    const where: string[] = [];
    const values: unknown[] = [];
    const add = (condition: (place: string) => string, value: unknown) => {
      values.push(value);
      where.push(condition(`$${values.length}`));
    };
    if (status !== undefined) add((place) => `status = ANY(${place})`, [status].flat());
    if (pipeline !== undefined) add((place) => `pipeline = ${place}`, pipeline);
    if (deadLetters) where.push("dead_letter");
    const cursor = after === undefined ? undefined : readCursor(after);
    if (cursor) {
      values.push(cursor.createdAt, cursor.id);
      where.push(`(created_at, id) < ($${values.length - 1}::timestamptz, $${values.length})`);
    }
    values.push(limit + 1);
    const rows = await this.#database.query<RunRow & { cursor: string }>(
      `SELECT *, created_at::text AS cursor FROM ${this.#table}
       ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""}
       ORDER BY created_at DESC, id DESC LIMIT $${values.length}`,
      values,
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const isLast = rows.length <= limit || !last;
    return {
      runs: page.map(toRun),
      ...(isLast ? {} : { next: writeCursor(last.cursor, last.id) }),
    };
  }

  /** Runs whose deadline has passed, and that no worker executes. */
  async overdue(limit: number): Promise<string[]> {
    const rows = await this.#database.query<{ id: string }>(
      `SELECT id FROM ${this.#table}
       WHERE ended_at IS NULL AND deadline_at <= clock_timestamp() AND status <> 'running' LIMIT $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Runs that ended longer ago than they are kept. */
  async outdated(keptMs: number, limit: number): Promise<string[]> {
    const rows = await this.#database.query<{ id: string }>(
      `SELECT id FROM ${this.#table}
       WHERE ended_at < clock_timestamp() - $1::double precision * interval '1 millisecond' ORDER BY ended_at LIMIT $2`,
      [keptMs, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Deletes runs with all that is kept of them, but for their checkpoints. */
  async delete(query: Query, ids: readonly string[]): Promise<void> {
    const schema = quoted(this.#database.schema);
    for (const table of ["events", "journal"]) {
      await query(`DELETE FROM ${schema}.${table} WHERE run_id = ANY($1)`, [ids]);
    }
    await query(`DELETE FROM ${this.#table} WHERE id = ANY($1)`, [ids]);
  }

  async #change(
    transaction: Transaction,
    row: RunRow,
    changes: RunChanges,
    events: readonly NewEvent[],
  ): Promise<RunRow> {
    const { sql, values } = assignmentsFor(changes, events.length);
    if (sql === "") return row;
    const places = [...values];
    const place = (value: unknown) => `$${places.push(value)}`;
    const id = `${place(row.id)}::text`;
    const update = `UPDATE ${this.#table} SET ${sql} WHERE id = ${id} RETURNING *`;
    const telling = this.#telling(update, id, place, events);
    const [changed] = await transaction.query<RunRow>(telling, places);
    if (!changed) throw new Error(`Run ${row.id} is gone while it was locked`);
    return changed;
  }

  /**
   * Makes one statement of a change to a run and of what is told about it.
   *
   * @param change - What gives the run's row, if there is one to tell of.
   * @param id - The run's id, as SQL.
   * @param place - Takes a value, gives its place.
   */
  #telling(
    change: string,
    id: string,
    place: (value: unknown) => string,
    events: readonly NewEvent[],
  ): string {
    if (events.length === 0) return change;
    const { canNotify } = this.#database;
    const told = `told AS (${this.#events.insertion(id, place, events)})`;
    const news = canNotify ? `, ${this.#events.announcement(id, place)}` : "";
    return `WITH run AS (${change}), ${told} SELECT run.*${news} FROM run`;
  }
}

function writeCursor(createdAt: string, id: string): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString("base64url");
}

/** An instant as PostgreSQL writes it, and a run's id. */
const cursorSchema = z.tuple([z.string().regex(/^[\d: .+-]{1,64}$/), schemas.id]);

/** @throws {RangeError} for what no page gave */
function readCursor(cursor: string): { createdAt: string; id: string } {
  try {
    const text = Buffer.from(cursor, "base64url").toString();
    const [createdAt, id] = cursorSchema.parse(JSON.parse(text));
    if (!Number.isNaN(Date.parse(createdAt))) return { createdAt, id };
  } catch {
    // Said below.
  }
  throw new RangeError(
    `${JSON.stringify(cursor.slice(0, 100))} is not a cursor: expected the "next" of a page of runs`,
  );
}
