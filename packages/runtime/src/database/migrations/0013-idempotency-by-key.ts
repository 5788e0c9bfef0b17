import type { Migration } from "./migration.ts";

/**
 * Idempotency keys of each client's key are apart from those of the others. The scope is the id of the key
 * that started the run, or empty. It does not follow `key_id`, which changes where another key resumes the
 * run. A row of an earlier version has no scope: `key_id` counts as its scope.
 */
export const idempotencyByKey: Migration = {
  id: 13,
  name: "idempotency by key",
  isBreaking: false,
  statements: (schema) => [
    `ALTER TABLE ${schema}.runs ADD COLUMN idempotency_scope text`,
    `DROP INDEX ${schema}.runs_idempotency`,
    `CREATE UNIQUE INDEX runs_idempotency
      ON ${schema}.runs (pipeline, idempotency_key, coalesce(idempotency_scope, key_id, ''))
      WHERE idempotency_key IS NOT NULL`,
  ],
};
