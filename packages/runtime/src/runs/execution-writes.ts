import { list, sql, verbatim, type Sql, type Statement } from "../database/index.ts";
import { noUsage, type Batch, type Claim, type JsonWriter } from "./batch.ts";
import type { End } from "./end.ts";
import type { RunUsage } from "./run.ts";

/** Names in a statement. */
export interface TablesOfWrites {
  readonly schema: string;
  /** Table of the queue's jobs. */
  readonly jobs: string;
  /** Name of the queue with the jobs of runs. */
  readonly queue: string;
}

/**
 * Writes the results of an execution: nothing, in any table, if another execution has the run or it
 * has ended. The number makes a repeated write do nothing.
 *
 * There are three statements, each with the same text for all runs: one for answers and events, one that also has
 * checkpoints, and one for the end, which also removes the job if no other execution continues the run.
 * A table takes time of the server even if it gets no row, and most writes have only answers.
 *
 * @returns the statement returns one row if it has written
 */
export function appending(tables: TablesOfWrites) {
  const schema = verbatim(tables.schema);
  const jobs = verbatim(tables.jobs);
  const queue = verbatim(`'${tables.queue}'`);
  return (claim: Claim, number: number, batch: Batch, json: JsonWriter): Statement => {
    const { runId, jobId, attempt } = claim;
    const { answers, checkpoints, blobs, writes, usage, endedCalls, end } = batch;
    const events = end ? [...batch.events, end.event] : batch.events;
    const hasCheckpoints = checkpoints.length + blobs.length + writes.length > 0;
    const record = [
      sql`run AS (
        UPDATE ${schema}.runs SET
          writes = ${number},
          ${list(changesOf(batch, events.length, json))}
        WHERE id = ${runId} AND job_id = ${jobId} AND job_attempt = ${attempt}
          AND writes = ${number - 1} AND ended_at IS NULL
        RETURNING id, epoch, event_count, partition
      )`,
      sql`told AS (
        INSERT INTO ${schema}.events (run_id, number, at, event, partition)
        SELECT run.id, run.event_count - ${events.length}::integer + e.place, clock_timestamp(), e.event,
          run.partition
        FROM run, json_array_elements(${json.toJson(events)}::json) WITH ORDINALITY AS e (event, place)
      )`,
      sql`answers AS (
        INSERT INTO ${schema}.journal
          (run_id, epoch, kind, step, name, request, occurrence, value, outline, partition)
        SELECT run.id, run.epoch, a.kind, a.step, a.name, a.request, a.occurrence, a.value::json,
          a.outline::json, run.partition
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
      sql`booked AS (
        INSERT INTO ${schema}.bookings (run_id, job_id, job_attempt, number)
        SELECT id, ${jobId}::uuid, ${attempt}::integer, ${number}::integer FROM run
        WHERE ${usage !== noUsage}::boolean
      )`,
      // The pieces of finished answers are deleted.
      sql`shown AS (
        DELETE FROM ${schema}.live USING run
        WHERE live.run_id = run.id
          AND (${end?.ends ?? false}::boolean OR live.call_id = ANY(${endedCalls}::text[]))
      )`,
    ];
    const step = [
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
    ];
    const released = sql`released AS (
        DELETE FROM ${jobs} AS job USING run
        WHERE ${isLeftForGood(end)}::boolean
          AND job.name = ${queue} AND job.id = ${jobId}::uuid AND job.retry_count = ${attempt}::integer
      )`;
    const parts = [...record, ...(end || hasCheckpoints ? step : []), ...(end ? [released] : [])];
    return sql`WITH ${list(parts)} SELECT event_count FROM run`.toStatement();
  };
}

/**
 * The cost of an execution that has lost the run. Each of its writes counts once: it may have been
 * committed, and only the reply was lost.
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

/** The changes of the run's row. */
function changesOf(batch: Batch, eventCount: number, { valueToJson }: JsonWriter): readonly Sql[] {
  const { end, progress, usage } = batch;
  const { status, waiting } = stateOf(batch);
  const changes = [
    sql`progress = progress + ${progress}, event_count = event_count + ${eventCount}`,
    adding(usage),
    sql`status = coalesce(${status}::text, status),
          waiting = CASE WHEN ${status}::text IS NULL THEN waiting ELSE ${valueToJson(waiting)}::json END`,
  ];
  if (!end) return changes;
  const settles = isSettled(end);
  return [
    ...changes,
    sql`output = coalesce(${valueToJson(end.output)}::json, output),
          error = coalesce(${valueToJson(end.error)}::json, error),
          decisions = CASE WHEN ${settles}::boolean THEN NULL ELSE decisions END,
          fork = CASE WHEN ${settles}::boolean THEN NULL ELSE fork END,
          ended_at = CASE WHEN ${end.ends}::boolean THEN clock_timestamp() END,
          job_id = coalesce(${end.jobId}::uuid, job_id),
          job_attempt = CASE WHEN ${end.jobId}::uuid IS NULL THEN job_attempt END`,
  ];
}

/** Adds to the usage of the run. */
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

/** The new status of the run; `null` if it does not change. */
function stateOf({ end, waiting }: Batch): Pick<End, "waiting"> & { status: string | null } {
  if (end) return end;
  if (waiting === undefined) return { status: null, waiting: null };
  return waiting ? { status: "waiting", waiting } : { status: "running", waiting: null };
}

/** Whether earlier decisions and forks are used up: the run does not continue by itself. */
function isSettled({ status, waiting }: End): boolean {
  return status !== "queued" && waiting?.for !== "quota";
}

/** Whether the job is finished: no execution continues the run by itself, with this job or another one. */
function isLeftForGood(end: Batch["end"]): boolean {
  return end !== undefined && end.status !== "queued" && end.jobId === undefined;
}

/** Rows as a table, with a name, a field and a type for each column. */
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
