import type { Migration } from "./migration.ts";

/**
 * The execution that may write to a run: its job, and the attempt at that job. The cost of calls that an execution
 * made after it had lost the run is booked once, by its bookings. A run waits with all of its open
 * interrupts, and has a decision for each. Answers that are being written are stored separately from the events.
 */
export const claims: Migration = {
  id: 5,
  name: "claims",
  isBreaking: true,
  statements: (schema) => [
    `ALTER TABLE ${schema}.runs
      ADD COLUMN job_id uuid,
      ADD COLUMN job_attempt integer,
      ADD COLUMN decisions json`,
    `UPDATE ${schema}.runs SET
      job_id = gen_random_uuid(),
      decisions = CASE WHEN decision IS NOT NULL
        THEN json_build_object(decision->>'interrupt', decision->'value') END,
      waiting = CASE WHEN waiting->>'for' = 'approval' THEN json_build_object(
        'for', CASE WHEN waiting->'request'->>'type' = 'approval' THEN 'approval' ELSE 'interrupt' END,
        'interrupts', json_build_array(json_build_object(
          'id', waiting->'interrupt', 'value', waiting->'request', 'step', '')),
        'since', waiting->'since') ELSE waiting END
     WHERE ended_at IS NULL`,
    `ALTER TABLE ${schema}.runs DROP COLUMN decision`,
    `CREATE TABLE ${schema}.bookings (
      run_id text NOT NULL,
      job_id uuid NOT NULL,
      job_attempt integer NOT NULL,
      number integer NOT NULL,
      PRIMARY KEY (run_id, job_id, job_attempt, number)
    )`,
    // Answers that are being written; without a write-ahead log, and empty after a crash of the server.
    `CREATE UNLOGGED TABLE ${schema}.live (
      run_id text NOT NULL,
      call_id text NOT NULL,
      attempt integer NOT NULL,
      type text NOT NULL,
      start integer NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      event json NOT NULL,
      PRIMARY KEY (run_id, call_id, attempt, type, start)
    )`,
  ],
};
