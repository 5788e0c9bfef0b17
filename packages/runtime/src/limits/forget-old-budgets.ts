import { quoted, type Database } from "../database/index.ts";

/** Calls end long before this. Older entries are from processes that died. */
const callRetentionMs = 86_400_000;

/**
 * Deletes budget accounts that are no longer needed: those of calls after a day, and those of days and
 * ended runs after their retention. Accounts of runs that have not ended are kept.
 *
 * @param keptMs - Retention since the last booking, in milliseconds.
 */
export async function forgetOldBudgets(database: Database, keptMs: number): Promise<void> {
  const schema = quoted(database.schema);
  await database.query(
    `DELETE FROM ${schema}.budget_accounts a
     WHERE a.updated_at < ${olderThan(`CASE a.scope WHEN 'call' THEN ${callRetentionMs} ELSE $1::double precision END`)}
       AND NOT EXISTS (
         SELECT 1 FROM ${schema}.runs r
         WHERE a.scope = 'run' AND r.id = a.id AND r.ended_at IS NULL
       )`,
    [keptMs],
  );
  await database.query(
    `DELETE FROM ${schema}.budget_reservations WHERE reserved_at < ${olderThan("$1::double precision")}`,
    [keptMs],
  );
}

function olderThan(durationMs: string): string {
  return `clock_timestamp() - ${durationMs} * interval '1 millisecond'`;
}
