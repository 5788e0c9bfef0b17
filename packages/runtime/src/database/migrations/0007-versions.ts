import type { Migration } from "./migration.ts";

/**
 * The version of its pipeline that a run stays with, and the workers with what they can execute. Runs from
 * before have the version that a pipeline without one has.
 */
export const versions: Migration = {
  id: 7,
  name: "versions",
  isBreaking: true,
  statements: (schema) => [
    `ALTER TABLE ${schema}.runs ADD COLUMN version text NOT NULL DEFAULT '1'`,
    `CREATE TABLE ${schema}.workers (
      id uuid PRIMARY KEY,
      name text NOT NULL,
      -- Each as name@version.
      pipelines text[] NOT NULL,
      seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`,
  ],
};
