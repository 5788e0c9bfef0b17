import { quoted, type Transaction } from "../database/index.ts";

const checkpointTables = ["checkpoints", "checkpoint_blobs", "checkpoint_writes"];

/** Deletes a run, which the transaction has locked, with all of its data. */
export async function deleteRun({ query }: Transaction, schema: string, id: string): Promise<void> {
  await query(deletion(schema, "gone.partition"), [[id]]);
}

/**
 * Deletes runs whose retention is over, with all of their data. Events and journal in
 * a closed partition stay until the whole partition is emptied. Several processes may do this at once; each deletes
 * other runs.
 *
 * @returns their ids
 */
export async function deleteOutdatedRuns(
  { query }: Transaction,
  schema: string,
  { keptMs, limit }: { readonly keptMs: number; readonly limit: number },
): Promise<string[]> {
  const outdated = await query<{ id: string }>(
    `SELECT id FROM ${quoted(schema)}.runs
     WHERE ended_at < clock_timestamp() - $1::double precision * interval '1 millisecond'
     ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [keptMs, limit],
  );
  const ids = outdated.map(({ id }) => id);
  // A separate statement, so that it sees the partitions of the locked runs.
  const open = `(SELECT number FROM ${quoted(schema)}.open_partition)`;
  if (ids.length > 0) await query(deletion(schema, open), [ids]);
  return ids;
}

/** Deletes a run's checkpoints: it starts again from its input. */
export async function deleteCheckpoints(
  { query }: Transaction,
  schema: string,
  id: string,
): Promise<void> {
  for (const table of checkpointTables) {
    await query(`DELETE FROM ${quoted(schema)}.${table} WHERE thread_id = $1`, [id]);
  }
}

/**
 * Deletes the runs whose ids are $1.
 *
 * @param partition - The partition, in addition to 0, in which events and journal are deleted.
 */
function deletion(schema: string, partition: string): string {
  const conditions = {
    events: `run_id = gone.id AND events.partition IN (0, ${partition})`,
    journal: `run_id = gone.id AND journal.partition IN (0, ${partition})`,
    bookings: "run_id = gone.id",
    live: "run_id = gone.id",
    ...Object.fromEntries(checkpointTables.map((table) => [table, "thread_id = gone.id"])),
  };
  const deletions = Object.entries(conditions).map(
    ([table, condition]) =>
      `of_${table} AS (DELETE FROM ${quoted(schema)}.${table} USING gone WHERE ${condition})`,
  );
  return `WITH gone AS (DELETE FROM ${quoted(schema)}.runs WHERE id = ANY($1) RETURNING id, partition),
    ${deletions.join(",\n    ")}
    SELECT FROM gone`;
}
