import { quoted, type Database } from "../database/index.ts";

/** Reports of a month need its first day until it has ended. */
const minKeptMs = 31 * 86_400_000;

/**
 * Deletes days of usage whose retention is over, and the data of processes that have stopped writing.
 *
 * @param keptMs - Retention of runs, in milliseconds; usage is kept for 31 days at least.
 */
export async function forgetOldUsage(
  { query, schema: name }: Database,
  keptMs: number,
): Promise<void> {
  const schema = quoted(name);
  await query(
    `DELETE FROM ${schema}.usage
     WHERE day < ((clock_timestamp() - $1::float8 * interval '1 millisecond') AT TIME ZONE 'UTC')::date`,
    [Math.max(keptMs, minKeptMs)],
  );
  await query(
    `DELETE FROM ${schema}.usage_writers WHERE written_at < clock_timestamp() - interval '1 day'`,
  );
}
