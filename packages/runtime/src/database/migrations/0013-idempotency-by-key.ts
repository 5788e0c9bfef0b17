import type { Migration } from "./migration.ts";

/**
 * Each client's key has separate idempotency keys. The scope is the id of the key
 * that started the run, or empty. It does not follow `key_id`, which changes if another key resumes the
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
