import type { Migration } from "./migration.ts";

/**
 * Keys of the server's clients. Only the hash of a key is stored. A key never changes, except that
 * it is revoked, so copies of it elsewhere stay valid.
 */
export const keys: Migration = {
  id: 11,
  name: "keys",
  isBreaking: false,
  statements: (schema) => [
    `CREATE TABLE ${schema}.keys (
      id text PRIMARY KEY,
      name text NOT NULL,
      hash bytea NOT NULL UNIQUE,
      ending text NOT NULL,
      scopes text[] NOT NULL,
      requests_per_minute integer,
      usd_per_day double precision,
      usd_per_month double precision,
      usd_total double precision,
      -- NULL allows all.
      roles text[],
      models text[],
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz,
      revoked_at timestamptz
    )`,
    `CREATE UNIQUE INDEX keys_name ON ${schema}.keys (name) WHERE revoked_at IS NULL`,
  ],
};
