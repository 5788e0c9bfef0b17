import type { Migration } from "./migration.ts";

/** Rate limits and budgets that processes share. */
export const limits: Migration = {
  id: 2,
  name: "limits",
  isBreaking: false,
  statements: (schema) => [
    `CREATE TABLE ${schema}.rate_limits (
      account text PRIMARY KEY,
      state jsonb NOT NULL,
      updated_at timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE TABLE ${schema}.budget_accounts (
      scope text NOT NULL,
      id text NOT NULL,
      spent_pico_usd numeric NOT NULL DEFAULT 0,
      spent_tokens bigint NOT NULL DEFAULT 0,
      held_pico_usd numeric NOT NULL DEFAULT 0,
      held_tokens bigint NOT NULL DEFAULT 0,
      -- Reservations on it that are not settled; the last one takes a closed account with it.
      open_reservations bigint NOT NULL DEFAULT 0,
      is_closed boolean NOT NULL DEFAULT false,
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (scope, id)
    )`,
    `CREATE TABLE ${schema}.budget_reservations (
      id text PRIMARY KEY,
      pico_usd numeric NOT NULL,
      tokens bigint NOT NULL,
      scopes text[] NOT NULL,
      ids text[] NOT NULL,
      reserved_at timestamptz NOT NULL DEFAULT now()
    )`,
  ],
};
