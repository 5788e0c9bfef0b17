import type { Migration } from "./migration.ts";

/**
 * Runs, their events, and their journal.
 *
 * Values that are only stored and read back are `json`, not `jsonb`: models write NUL characters, which `jsonb`
 * refuses.
 */
export const runs: Migration = {
  id: 1,
  name: "runs",
  isBreaking: true,
  statements: (schema) => [
    `CREATE TABLE ${schema}.runs (
      id text PRIMARY KEY,
      pipeline text NOT NULL,
      status text NOT NULL,
      waiting json,
      input json NOT NULL,
      output json,
      error json,
      approval boolean NOT NULL,
      decision json,
      priority integer NOT NULL,
      idempotency_key text,
      schedule text,
      trace_id text,
      created_at timestamptz NOT NULL DEFAULT now(),
      started_at timestamptz,
      ended_at timestamptz,
      deadline_at timestamptz,
      cancel_reason text,
      -- Who executes it: the number of the execution fences off those before it.
      worker text,
      executions integer NOT NULL DEFAULT 0,
      -- Counts what an execution wrote, so that a write whose answer got lost is not done twice.
      writes integer NOT NULL DEFAULT 0,
      crashes integer NOT NULL DEFAULT 0,
      dead_letter boolean NOT NULL DEFAULT false,
      -- How far it has come, and how far it had when it was last taken up.
      progress bigint NOT NULL DEFAULT 0,
      progress_at_start bigint NOT NULL DEFAULT 0,
      -- A retry from a step forgets what was done after it.
      epoch integer NOT NULL DEFAULT 0,
      fork json,
      event_count bigint NOT NULL DEFAULT 0,
      calls integer NOT NULL DEFAULT 0,
      failed_calls integer NOT NULL DEFAULT 0,
      attempts integer NOT NULL DEFAULT 0,
      prompt_tokens bigint NOT NULL DEFAULT 0,
      completion_tokens bigint NOT NULL DEFAULT 0,
      cached_tokens bigint NOT NULL DEFAULT 0,
      reasoning_tokens bigint NOT NULL DEFAULT 0,
      cost_usd numeric NOT NULL DEFAULT 0
    )`,
    `CREATE UNIQUE INDEX runs_idempotency ON ${schema}.runs (pipeline, idempotency_key) WHERE idempotency_key IS NOT NULL`,
    `CREATE INDEX runs_newest ON ${schema}.runs (created_at DESC, id DESC)`,
    `CREATE INDEX runs_by_status ON ${schema}.runs (status, created_at DESC, id DESC)`,
    `CREATE INDEX runs_by_pipeline ON ${schema}.runs (pipeline, created_at DESC, id DESC)`,
    `CREATE INDEX runs_given_up ON ${schema}.runs (created_at DESC, id DESC) WHERE dead_letter`,
    `CREATE INDEX runs_due ON ${schema}.runs (deadline_at) WHERE ended_at IS NULL AND deadline_at IS NOT NULL`,
    `CREATE INDEX runs_ended ON ${schema}.runs (ended_at) WHERE ended_at IS NOT NULL`,
    `CREATE TABLE ${schema}.events (
      run_id text NOT NULL,
      number bigint NOT NULL,
      at timestamptz NOT NULL,
      event json NOT NULL,
      PRIMARY KEY (run_id, number)
    )`,
    `CREATE TABLE ${schema}.journal (
      run_id text NOT NULL,
      epoch integer NOT NULL,
      kind text NOT NULL,
      step text NOT NULL,
      name text NOT NULL,
      request text NOT NULL,
      occurrence integer NOT NULL,
      value json NOT NULL,
      at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (run_id, epoch, kind, step, name, request, occurrence)
    )`,
  ],
};
