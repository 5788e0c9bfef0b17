import type { Migration } from "./migration.ts";

/**
 * The pipeline version of a run, and the workers with the versions that they can execute. Earlier runs have
 * the version of a pipeline without one.
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
