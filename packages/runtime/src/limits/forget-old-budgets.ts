import { quoted, type Database } from "../database/index.ts";

/** Calls end long before this. Older entries are from processes that died. A day's account is needed for as long. */
const dayMs = 86_400_000;
/** The account of a key's month is needed until the month ends, however seldom the key is used. */
const monthMs = 31 * dayMs;
/** Accounts that one statement deletes. */
const batch = 1000;

/**
 * Deletes budget accounts that are no longer needed: those of calls after a day, those of days, months and
 * deleted runs after their retention. The total of a key is kept. The account of a run is kept as long as the
 * run, because a run that has ended can be resumed.
 *
 * @param keptMs - Retention since the last booking, in milliseconds; for days and months, at least as long as they last.
 */
export async function forgetOldBudgets(database: Database, keptMs: number): Promise<void> {
  await deleteAccounts(database, ["call"], dayMs);
  await deleteAccounts(database, ["run"], keptMs);
  await deleteAccounts(database, ["day", "key_day"], Math.max(keptMs, dayMs));
  await deleteAccounts(database, ["key_month"], Math.max(keptMs, monthMs));
  await database.query(
    `DELETE FROM ${quoted(database.schema)}.budget_reservations
     WHERE reserved_at < clock_timestamp() - $1::float8 * interval '1 millisecond'`,
    [Math.max(keptMs, dayMs)],
  );
}

async function deleteAccounts(
  database: Database,
  scopes: readonly string[],
  keptMs: number,
): Promise<void> {
  const schema = quoted(database.schema);
  for (let deleted = batch; deleted === batch;) {
    const rows = await database.query(
      // Several processes do this at a time.
      `DELETE FROM ${schema}.budget_accounts WHERE (scope, id) IN (
         SELECT a.scope, a.id FROM ${schema}.budget_accounts AS a
         WHERE a.scope = ANY ($1)
           AND a.opened_at < clock_timestamp() - $2::float8 * interval '1 millisecond'
           AND a.updated_at < clock_timestamp() - $2::float8 * interval '1 millisecond'
           AND NOT EXISTS (SELECT FROM ${schema}.runs AS r WHERE a.scope = 'run' AND r.id = a.id)
         LIMIT ${batch} FOR UPDATE SKIP LOCKED
       ) RETURNING id`,
      [scopes, keptMs],
    );
    deleted = rows.length;
  }
}
