import type { Migration } from "./migration.ts";

/**
 * The format of the stored data of a run: of the run as a whole, which determines the workers that may execute it, and of
 * each event and journal entry. A later format is a higher number. And when periodic work was last done by one
 * of the processes.
 */
export const formats: Migration = {
  id: 9,
  name: "formats",
  isBreaking: false,
  statements: (schema) => [
    ...["runs", "events", "journal"].map(
      (table) => `ALTER TABLE ${schema}.${table} ADD COLUMN format smallint NOT NULL DEFAULT 1`,
    ),
    `ALTER TABLE ${schema}.locks ADD COLUMN done_at timestamptz`,
  ],
};
