import { quoted, type Transaction } from "../database/index.ts";

const checkpointTables = ["checkpoints", "checkpoint_blobs", "checkpoint_writes"];

/** Deletes a run with all that is kept of it. */
export async function deleteRun({ query }: Transaction, schema: string, id: string): Promise<void> {
  await query(deletion(schema, "SELECT $1::text AS id"), [id]);
}

/**
 * Deletes runs that ended longer ago than they are kept, with all that is kept of them. Several
 * processes may do so at once; each takes others.
 *
 * @returns their ids
 */
export async function deleteOutdatedRuns(
  { query }: Transaction,
  schema: string,
  { keptMs, limit }: { readonly keptMs: number; readonly limit: number },
): Promise<string[]> {
  const outdated = `SELECT id FROM ${quoted(schema)}.runs
    WHERE ended_at < clock_timestamp() - $1::double precision * interval '1 millisecond'
    ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED`;
  const gone = await query<{ id: string }>(deletion(schema, outdated), [keptMs, limit]);
  return gone.map(({ id }) => id);
}

/** Deletes a run's checkpoints: it begins from its input again. */
export async function deleteCheckpoints(
  { query }: Transaction,
  schema: string,
  id: string,
): Promise<void> {
  for (const table of checkpointTables) {
    await query(`DELETE FROM ${quoted(schema)}.${table} WHERE thread_id = $1`, [id]);
  }
}

/** @param ids - A query of the runs to delete. */
function deletion(schema: string, ids: string): string {
  const deletions = [
    ...["events", "journal", "bookings", "live"].map((table) => [table, "run_id"] as const),
    ...checkpointTables.map((table) => [table, "thread_id"] as const),
  ].map(
    ([table, column]) =>
      `of_${table} AS (DELETE FROM ${quoted(schema)}.${table} USING gone WHERE ${column} = gone.id)`,
  );
  return `WITH gone AS (DELETE FROM ${quoted(schema)}.runs WHERE id IN (${ids}) RETURNING id),
    ${deletions.join(",\n    ")}
    SELECT id FROM gone`;
}
