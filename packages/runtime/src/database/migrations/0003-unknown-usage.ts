import type { Migration } from "./migration.ts";

/**
 * How many attempts of a run are missing in its tokens and its cost. For earlier runs this is unknown,
 * and counts as none.
 */
export const unknownUsage: Migration = {
  id: 3,
  name: "unknown-usage",
  isBreaking: false,
  statements: (schema) => [
    `ALTER TABLE ${schema}.runs
      ADD COLUMN unknown_usage_attempts integer NOT NULL DEFAULT 0,
      ADD COLUMN unknown_cost_attempts integer NOT NULL DEFAULT 0`,
  ],
};
