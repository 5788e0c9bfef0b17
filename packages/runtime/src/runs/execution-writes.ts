import { list, sql, verbatim, type Sql, type Statement } from "../database/index.ts";
import { noUsage, type Batch, type Claim, type JsonWriter } from "./batch.ts";
import type { RunUsage } from "./run.ts";

/** As they stand in a statement. */
export interface TablesOfWrites {
  readonly schema: string;
  /** Table of the queue's jobs. */
  readonly jobs: string;
  /** Name of the queue that has those of runs. */
  readonly queue: string;
}

/**
 * Whatever an execution writes: nothing of it, in any table, where another has the run or it has ended. The
 * number makes a repeated write do nothing. With the last one the job is done, where no other execution is to
 * go on with it.
 *
 * It names only the tables that get something: each of them takes the server time, also for no row. So there
 * are a few such statements, and each is the same text for all runs.
 *
 * @returns the statement gives one row where it has written
 */
export function appending(tables: TablesOfWrites) {
  const schema = verbatim(tables.schema);
  const jobs = verbatim(tables.jobs);
  const queue = verbatim(`'${tables.queue}'`);
  return (claim: Claim, number: number, batch: Batch, json: JsonWriter): Statement => {
    const { runId, jobId, attempt } = claim;
    const { answers, checkpoints, blobs, writes, usage, endedCalls, end } = batch;
    const events = end ? [...batch.events, end.event] : batch.events;
    const parts = [
      sql`run AS (
        UPDATE ${schema}.runs SET
          writes = ${number},
          ${list(changesOf(batch, events.length, json))}
        WHERE id = ${runId} AND job_id = ${jobId} AND job_attempt = ${attempt}
          AND writes = ${number - 1} AND ended_at IS NULL
        RETURNING id, epoch, event_count
      )`,
      events.length > 0 &&
        sql`told AS (
        INSERT INTO ${schema}.events (run_id, number, at, event)
        SELECT run.id, run.event_count - ${events.length}::integer + e.place, clock_timestamp(), e.event
        FROM run, json_array_elements(${json.toJson(events)}::json) WITH ORDINALITY AS e (event, place)
      )`,
      answers.length > 0 &&
        sql`answers AS (
        INSERT INTO ${schema}.journal
          (run_id, epoch, kind, step, name, request, occurrence, value, outline)
        SELECT run.id, run.epoch, a.kind, a.step, a.name, a.request, a.occurrence, a.value::json,
          a.outline::json
        FROM run, ${table("a", answers, {
          kind: ["kind", "text"],
          step: ["step", "text"],
          name: ["name", "text"],
          request: ["request", "text"],
          occurrence: ["occurrence", "integer"],
          value: ["value", "text"],
          outline: ["outline", "text"],
        })}
        ON CONFLICT DO NOTHING
      )`,
      checkpoints.length > 0 &&
        sql`checkpoints AS (
        INSERT INTO ${schema}.checkpoints
          (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata)
        SELECT c.thread, c.namespace, c.id, c.parent, c.checkpoint::jsonb, c.metadata::jsonb
        FROM run, ${table("c", checkpoints, {
          thread: ["threadId", "text"],
          namespace: ["namespace", "text"],
          id: ["id", "text"],
          parent: ["parentId", "text"],
          checkpoint: ["checkpoint", "text"],
          metadata: ["metadata", "text"],
        })}
        ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id)
        DO UPDATE SET checkpoint = EXCLUDED.checkpoint, metadata = EXCLUDED.metadata
      )`,
      blobs.length > 0 &&
        sql`blobs AS (
        INSERT INTO ${schema}.checkpoint_blobs
          (thread_id, checkpoint_ns, channel, version, type, blob)
        SELECT b.thread, b.namespace, b.channel, b.version, b.type, b.value
        FROM run, ${table("b", blobs, {
          thread: [0, "text"],
          namespace: [1, "text"],
          channel: [2, "text"],
          version: [3, "text"],
          type: [4, "text"],
          value: [5, "bytea"],
        })}
        ON CONFLICT (thread_id, checkpoint_ns, channel, version) DO NOTHING
      )`,
      writes.length > 0 &&
        sql`writes AS (
        INSERT INTO ${schema}.checkpoint_writes
          (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
        SELECT w.thread, w.namespace, w.checkpoint, w.task, w.index, w.channel, w.type, w.value
        FROM run, ${table("w", writes, {
          thread: [0, "text"],
          namespace: [1, "text"],
          checkpoint: [2, "text"],
          task: [3, "text"],
          index: [4, "integer"],
          channel: [5, "text"],
          type: [6, "text"],
          value: [7, "bytea"],
        })}
        ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
        DO UPDATE SET channel = EXCLUDED.channel, type = EXCLUDED.type, blob = EXCLUDED.blob
        WHERE EXCLUDED.idx < 0
      )`,
      usage !== noUsage &&
        sql`booked AS (
        INSERT INTO ${schema}.bookings (run_id, job_id, job_attempt, number)
        SELECT id, ${jobId}::uuid, ${attempt}::integer, ${number}::integer FROM run
      )`,
      isLeftForGood(end) &&
        sql`released AS (
        DELETE FROM ${jobs} AS job USING run
        WHERE job.name = ${queue} AND job.id = ${jobId}::uuid AND job.retry_count = ${attempt}::integer
      )`,
      // Answers that have ended are no longer shown while they grow.
      end?.ends
        ? sql`shown AS (DELETE FROM ${schema}.live USING run WHERE live.run_id = run.id)`
        : endedCalls.length > 0 &&
          sql`shown AS (
        DELETE FROM ${schema}.live USING run
        WHERE live.run_id = run.id AND live.call_id = ANY(${endedCalls}::text[])
      )`,
    ];
    return sql`WITH ${list(parts)} SELECT event_count FROM run`.toStatement();
  };
}

/**
 * What an execution paid for, where it has lost the run. Each of its writes counts once: it may have been
 * committed, and only the answer got lost.
 */
export function booking(tables: Pick<TablesOfWrites, "schema">) {
  const schema = verbatim(tables.schema);
  return ({ runId, jobId, attempt }: Claim, number: number, usage: RunUsage): Statement =>
    sql`WITH booking AS (
      INSERT INTO ${schema}.bookings (run_id, job_id, job_attempt, number)
      VALUES (${runId}, ${jobId}, ${attempt}, ${number})
      ON CONFLICT DO NOTHING
      RETURNING run_id
    )
    UPDATE ${schema}.runs SET ${adding(usage)} FROM booking WHERE id = booking.run_id`.toStatement();
}

/** What becomes of the run's row. */
function changesOf(batch: Batch, eventCount: number, { valueToJson }: JsonWriter) {
  const { end, progress, usage } = batch;
  const state = stateOf(batch);
  return [
    sql`progress = progress + ${progress}, event_count = event_count + ${eventCount}`,
    usage !== noUsage && adding(usage),
    state !== undefined &&
      sql`status = ${state.status}, waiting = ${valueToJson(state.waiting)}::json`,
    end !== undefined &&
      sql`output = coalesce(${valueToJson(end.output)}::json, output),
          error = coalesce(${valueToJson(end.error)}::json, error)`,
    end !== undefined && isSettled(end) && sql`decisions = NULL, fork = NULL`,
    end?.ends === true && sql`ended_at = clock_timestamp()`,
    end?.jobId !== undefined && sql`job_id = ${end.jobId}, job_attempt = NULL`,
  ];
}

/** Adds to what the run has used. */
function adding(usage: RunUsage): Sql {
  const columns = {
    calls: usage.calls,
    failed_calls: usage.failedCalls,
    attempts: usage.attempts,
    unknown_usage_attempts: usage.unknownUsageAttempts,
    unknown_cost_attempts: usage.unknownCostAttempts,
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    cached_tokens: usage.cachedTokens,
    reasoning_tokens: usage.reasoningTokens,
    cost_usd: usage.costUsd,
  };
  return list(
    Object.entries(columns).map(([name, more]) => {
      const column = verbatim(name);
      return sql`${column} = ${column} + ${more}::numeric`;
    }),
  );
}

/** The status that the run has from now on; nothing where it stays as it is. */
function stateOf({ end, waiting }: Batch) {
  if (end || waiting === undefined) return end;
  return waiting ? { status: "waiting", waiting } : { status: "running", waiting: null };
}

/** Whether decisions and forks of before are used up: it does not go on from where it is by itself. */
function isSettled({ status, waiting }: NonNullable<Batch["end"]>): boolean {
  return status !== "queued" && waiting?.for !== "quota";
}

/** Whether the job is done: no execution goes on with the run by itself, by this job or by another one. */
function isLeftForGood(end: Batch["end"]): boolean {
  return end !== undefined && end.status !== "queued" && end.jobId === undefined;
}

/** Rows as a table, whose columns are named, and have a field and a type each. */
function table<Row extends object>(
  name: string,
  rows: readonly Row[],
  columns: Readonly<Record<string, readonly [field: keyof Row, type: string]>>,
): Sql {
  const arrays = Object.values(columns).map(
    ([field, type]) => sql`${rows.map((row) => row[field] ?? null)}::${verbatim(type)}[]`,
  );
  return sql`unnest(${list(arrays)}) AS ${verbatim(`${name} (${Object.keys(columns).join(", ")})`)}`;
}
