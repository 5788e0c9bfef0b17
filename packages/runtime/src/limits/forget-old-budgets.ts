import { quoted, type Database } from "../database/index.ts";

/** A call is over long before; what is left of it is of a process that died. */
const callMs = 86_400_000;

/**
 * Forgets what budgets have booked that nobody will ask for again: calls after a day, days and runs
 * as long after their last booking as ended runs are kept. Runs that have not ended keep theirs.
 */
export async function forgetOldBudgets(database: Database, keptMs: number): Promise<void> {
  const schema = quoted(database.schema);
  await database.query(
    `DELETE FROM ${schema}.budget_accounts a
     WHERE a.updated_at < ${olderThan(`CASE a.scope WHEN 'call' THEN ${callMs} ELSE $1::double precision END`)}
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
