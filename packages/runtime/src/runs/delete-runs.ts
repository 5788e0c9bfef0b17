import { quoted, type Transaction } from "../database/index.ts";

const checkpointTables = ["checkpoints", "checkpoint_blobs", "checkpoint_writes"];

/** Deletes a run, which the transaction has locked, with all that is kept of it. */
export async function deleteRun({ query }: Transaction, schema: string, id: string): Promise<void> {
  await query(deletion(schema, "gone.partition"), [[id]]);
}

/**
 * Deletes runs that ended longer ago than they are kept, with all that is kept of them. Events and journal in
 * a closed partition stay until it is emptied as a whole. Several processes may do so at once; each takes
 * others.
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
  // A statement of its own: it sees in which partition the locked runs are.
  const open = `(SELECT number FROM ${quoted(schema)}.open_partition)`;
  if (ids.length > 0) await query(deletion(schema, open), [ids]);
  return ids;
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

/**
 * Deletes the runs whose ids are $1.
 *
 * @param partition - The one, beside 0, where events and journal are deleted.
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
