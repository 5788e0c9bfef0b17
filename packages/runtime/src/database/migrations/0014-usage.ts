import type { Migration } from "./migration.ts";

/**
 * The usage of the calls of each day: one row for each key, role, model and user. Absent names are empty
 * texts, because a primary key cannot contain null. For each process that writes rows, the number of its last batch is
 * stored, so that a batch that is sent again is not counted again. A run has its end user.
 */
export const usage: Migration = {
  id: 14,
  name: "usage",
  isBreaking: false,
  statements: (schema) => [
    `CREATE TABLE ${schema}.usage (
      day date NOT NULL,
      key_id text NOT NULL,
      role text NOT NULL,
      model text NOT NULL,
      user_name text NOT NULL,
      calls bigint NOT NULL,
      failed_calls bigint NOT NULL,
      attempts bigint NOT NULL,
      unknown_usage_attempts bigint NOT NULL,
      unknown_cost_attempts bigint NOT NULL,
      prompt_tokens bigint NOT NULL,
      completion_tokens bigint NOT NULL,
      cached_tokens bigint NOT NULL,
      reasoning_tokens bigint NOT NULL,
      cost_usd numeric NOT NULL,
      PRIMARY KEY (day, key_id, role, model, user_name)
    )`,
    `CREATE TABLE ${schema}.usage_writers (
      id uuid PRIMARY KEY,
      number integer NOT NULL,
      written_at timestamptz NOT NULL
    )`,
    `ALTER TABLE ${schema}.runs ADD COLUMN user_name text`,
  ],
};
