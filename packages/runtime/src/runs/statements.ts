import { forkFormat, keyFormat, runFormat } from "./run-format.ts";

/**
 * The statements that start, claim and change runs. Each has one text for a schema, with the same
 * placeholders always: it can be read here, and explained by PostgreSQL (EXPLAIN).
 *
 * A statement that adds events locks the run's row first, so numbers are committed in their order, and a
 * reader never sees a gap that is filled later.
 *
 * @param schema - Quoted.
 */
export function statementsFor(schema: string) {
  return {
    /**
     * A new run with its first event and its job. No row if the id or the idempotency key is in use; an
     * error if the run has a job already, because an event must have a number.
     *
     * @param job - The statement that inserts the job, with the job's JSON as its only placeholder `$1`.
     */
    insert: (job: string) => `WITH run AS (
        INSERT INTO ${schema}.runs
          (id, pipeline, status, event_count, input, approval, priority, idempotency_key, schedule,
           trace_id, deadline_at, job_id, version, forked_from, models, key_id,
           idempotency_scope, user_name, traceparent, format, partition)
        VALUES ($1, $2, 'queued', 1, $3, $4, $5, $6, $7, $8,
          to_timestamp($9::double precision / 1000), $10, $11, $13, $14, $15,
          coalesce($15::text, ''), $16, $17,
          CASE WHEN $15::text IS NOT NULL THEN ${keyFormat}
            WHEN $13::json IS NOT NULL THEN ${forkFormat} ELSE 1 END,
          coalesce((SELECT number FROM ${schema}.open_partition), 0))
        ON CONFLICT DO NOTHING
        RETURNING *
      ), job AS (
        ${job.replaceAll(/\$1\b/g, "(SELECT CASE WHEN EXISTS (SELECT FROM run) THEN $18::text ELSE '[]' END)")}
      ), told AS (
        INSERT INTO ${schema}.events (run_id, number, at, event, partition)
        SELECT id, CASE WHEN EXISTS (SELECT FROM job) THEN 1 END, clock_timestamp(), $12::json, partition
        FROM run
      )
      SELECT * FROM run`,

    /**
     * The data that a fork takes from the run $2: the entries of its journal, which become those of the epoch $3,
     * and its checkpoints up to $10, if one is given, without the writes of the tasks after it.
     */
    takeOver: `WITH entries AS (
        INSERT INTO ${schema}.journal
          (run_id, epoch, kind, step, name, request, occurrence, value, outline, format, at, partition)
        SELECT $1, $3, j.kind, j.step, j.name, j.request, j.occurrence, j.value, j.outline, j.format, j.at,
          (SELECT partition FROM ${schema}.runs WHERE id = $1)
        FROM ${schema}.journal AS j
        JOIN unnest($4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[])
          AS taken (epoch, kind, step, name, request, occurrence)
          USING (epoch, kind, step, name, request, occurrence)
        WHERE j.run_id = $2
          AND j.partition IN (0, (SELECT partition FROM ${schema}.runs WHERE id = $2))
      ), checkpoints AS (
        INSERT INTO ${schema}.checkpoints
          (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata)
        SELECT $1, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata
        FROM ${schema}.checkpoints WHERE thread_id = $2 AND checkpoint_id <= $10
        ON CONFLICT DO NOTHING
      ), writes AS (
        INSERT INTO ${schema}.checkpoint_writes
          (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
        SELECT $1, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob
        FROM ${schema}.checkpoint_writes WHERE thread_id = $2 AND checkpoint_id < $10
      )
      INSERT INTO ${schema}.checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
      SELECT $1, checkpoint_ns, channel, version, type, blob
      FROM ${schema}.checkpoint_blobs
      WHERE thread_id = $2 AND (checkpoint_ns, channel, version) IN (
        SELECT c.checkpoint_ns, v.key, v.value
        FROM ${schema}.checkpoints AS c, jsonb_each_text(c.checkpoint->'channel_versions') AS v
        WHERE c.thread_id = $2 AND c.checkpoint_id <= $10)
      ON CONFLICT DO NOTHING`,

    /**
     * Claims a queued run that the worker with its job may execute: the ordinary case. No row
     * means that the run has to be examined.
     */
    claim: `WITH run AS (
        UPDATE ${schema}.runs SET
          status = 'running', worker = $4, job_attempt = $3, executions = executions + 1, writes = 0,
          progress_at_start = progress, event_count = event_count + 1,
          started_at = coalesce(started_at, clock_timestamp())
        WHERE id = $1 AND job_id = $2 AND (job_attempt IS NULL OR job_attempt < $3)
          AND format <= ${runFormat} AND status = 'queued' AND cancel_reason IS NULL
          AND pipeline || '@' || version = ANY($5) AND crashes = $6
          AND (deadline_at IS NULL OR deadline_at > now())
        RETURNING *
      ), told AS (
        INSERT INTO ${schema}.events (run_id, number, at, event, partition)
        SELECT id, event_count, clock_timestamp(),
          json_build_object('type', 'run-start', 'worker', worker, 'execution', executions), partition
        FROM run
      ), shown AS (
        DELETE FROM ${schema}.live USING run WHERE live.run_id = run.id
      )
      SELECT * FROM run`,

    /** Changes a run that the transaction has locked, from outside of its executions. */
    change: `WITH run AS (
        UPDATE ${schema}.runs SET
          status = $2, waiting = $3::json, output = $4::json, error = $5::json, decisions = $6::json,
          fork = $7::json, cancel_reason = $8, dead_letter = $9, crashes = $10, epoch = $11,
          job_id = $12,
          -- A run that is queued again has no worker.
          job_attempt = CASE WHEN job_id = $12 AND $2 <> 'queued' THEN job_attempt END,
          ended_at = CASE WHEN $13::boolean THEN coalesce(ended_at, clock_timestamp()) END,
          key_id = $14,
          -- Of a run that an earlier version started: the key that it had, before it gets another one.
          idempotency_scope = coalesce(idempotency_scope, key_id, ''),
          format = CASE WHEN $14::text IS NULL THEN format ELSE greatest(format, ${keyFormat}) END,
          event_count = event_count + json_array_length($15::json)
        WHERE id = $1
        RETURNING *
      ), told AS (
        INSERT INTO ${schema}.events (run_id, number, at, event, partition)
        SELECT run.id, run.event_count - json_array_length($15::json) + e.place,
          clock_timestamp(), e.event, run.partition
        FROM run, json_array_elements($15::json) WITH ORDINALITY AS e (event, place)
      )
      SELECT * FROM run`,
  };
}
