import { budgets } from "./0004/budgets.ts";
import { limiterChange } from "./0004/limiter-change.ts";
import { limiterRules } from "./0004/limiter-rules.ts";
import { limitsSync } from "./0004/limits-sync.ts";
import type { Migration } from "./migration.ts";

/**
 * Rate limits and budgets, each in one statement; and the processes of an account in separate rows.
 *
 * Processes of the previous version continue to work. They share the account's minute, day and refusals with
 * processes of this version, but do not see the waiting calls and the calls in flight of these.
 */
export const limitsInOneStatement: Migration = {
  id: 4,
  name: "limits-in-one-statement",
  isBreaking: false,
  statements: (schema) => [
    // The version of the data that the functions read and write in the account's rows.
    `ALTER TABLE ${schema}.rate_limits ADD COLUMN format integer NOT NULL DEFAULT 1`,
    // Half of each page is left free, so that an update stays on it.
    `CREATE TABLE ${schema}.rate_limit_holders (
      account text NOT NULL,
      id text NOT NULL,
      -- Instants are in milliseconds since the epoch, by the clock that the processes share.
      seen_at float8 NOT NULL,
      sync_number bigint NOT NULL,
      -- The slots that the last sync has booked, as the changes that return them.
      bookings jsonb NOT NULL,
      in_flight integer NOT NULL,
      ahead integer NOT NULL,
      -- Its waiting calls, as [priority, calls, tokens, since] for each priority.
      demand jsonb NOT NULL,
      -- Whether it knows that its call is the first of all.
      is_first boolean NOT NULL,
      -- When it was woken for a slot, if it has not come since.
      woken_at float8,
      PRIMARY KEY (account, id)
    ) WITH (fillfactor = 50)`,
    ...limiterRules(schema),
    limiterChange(schema),
    limitsSync(schema),
    `ALTER TABLE ${schema}.budget_accounts ADD COLUMN opened_at timestamptz NOT NULL DEFAULT now()`,
    // Of columns that never change, so that bookings do not update the indexes.
    `CREATE INDEX budget_accounts_opened ON ${schema}.budget_accounts (scope, opened_at)`,
    `CREATE INDEX budget_reservations_reserved ON ${schema}.budget_reservations (reserved_at)`,
    ...budgets(schema),
  ],
};
