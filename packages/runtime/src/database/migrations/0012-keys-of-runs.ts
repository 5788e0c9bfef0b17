import type { Migration } from "./migration.ts";

/**
 * The client's key of a run: its budget, roles and models limit the run's calls. An earlier version
 * would not limit them, so such a run has a format that earlier versions do not take.
 */
export const keysOfRuns: Migration = {
  id: 12,
  name: "keys of runs",
  isBreaking: false,
  statements: (schema) => [
    `ALTER TABLE ${schema}.runs ADD COLUMN key_id text REFERENCES ${schema}.keys (id)`,
  ],
};
