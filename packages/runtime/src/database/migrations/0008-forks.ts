import type { Migration } from "./migration.ts";

/**
 * Runs that were forked from others, with their own models; and an outline of the request of each entry of the
 * journal.
 */
export const forks: Migration = {
  id: 8,
  name: "forks",
  isBreaking: false,
  statements: (schema) => [
    `ALTER TABLE ${schema}.runs
      ADD COLUMN forked_from json,
      ADD COLUMN models json`,
    `ALTER TABLE ${schema}.journal ADD COLUMN outline json`,
  ],
};
