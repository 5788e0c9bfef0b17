import type { Database } from "./database.ts";
import { quoted } from "./quoted.ts";

/**
 * Whether this process should do periodic work that only one process does. If that process dies,
 * another one does the work after the interval.
 */
export async function takeTurn(
  { query, schema }: Pick<Database, "query" | "schema">,
  name: "upkeep" | "vacuum",
  intervalMs: number,
): Promise<boolean> {
  const rows = await query(
    `INSERT INTO ${quoted(schema)}.locks AS turn (name, done_at) VALUES ($1, clock_timestamp())
     ON CONFLICT (name) DO UPDATE SET done_at = clock_timestamp()
     WHERE turn.done_at IS NULL OR turn.done_at > clock_timestamp()
       OR turn.done_at < clock_timestamp() - $2::float8 * interval '1 millisecond'
     RETURNING name`,
    [name, intervalMs],
  );
  return rows.length > 0;
}
