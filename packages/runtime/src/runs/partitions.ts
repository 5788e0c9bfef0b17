import { explainFailure, partitionCount, quoted, type Database } from "../database/index.ts";

/** How many partitions are opened, one after the other, during the retention. */
const perRetention = 8;
const maxMoved = 100;
/** PostgreSQL's code for a lock timeout. */
const lockNotAvailable = "55P03";

/**
 * Empties the partitions of events and journal whose runs are all deleted, and opens the next one for new runs
 * when it is time. The files of a partition become empty at once, regardless of the number of rows.
 *
 * @param keptMs - Retention of runs after their end.
 */
export async function tidyPartitions(database: Database, keptMs: number): Promise<void> {
  const openMs = keptMs / perRetention;
  while ((await moveAged(database, keptMs + openMs)) === maxMoved);
  for (const number of await findOutdated(database)) await empty(database, number);
  await openNext(database, openMs);
}

/** Moves the rows of runs that outlive their partition to partition 0. */
function moveAged(database: Database, ageMs: number): Promise<number> {
  const schema = quoted(database.schema);
  return database.transaction(async ({ query }) => {
    const aged = await query<{ id: string }>(
      `SELECT id FROM ${schema}.runs
       WHERE created_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
         AND partition NOT IN (0, (SELECT number FROM ${schema}.open_partition))
       LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [ageMs, maxMoved],
    );
    if (aged.length === 0) return 0;
    // A separate statement: it sees all rows that were written before the runs were locked. A worker that writes
    // later waits for the run's row, which then has partition 0.
    const move = (table: string) => `UPDATE ${schema}.${table} SET partition = 0 FROM aged
      WHERE run_id = aged.id AND ${table}.partition = aged.partition`;
    await query(
      `WITH aged AS (SELECT id, partition FROM ${schema}.runs WHERE id = ANY($1)),
        events AS (${move("events")}), journal AS (${move("journal")})
      UPDATE ${schema}.runs SET partition = 0 WHERE id = ANY($1)`,
      [aged.map(({ id }) => id)],
    );
    return aged.length;
  });
}

/** Partitions that have rows, but none of a run. */
async function findOutdated({ query, schema }: Database): Promise<readonly number[]> {
  const rows = await query<{ number: number }>(
    `SELECT number FROM ${unused(quoted(schema))} AND bytes > 0`,
    [schema],
  );
  return rows.map(({ number }) => number);
}

/**
 * Waits only for a moment for statements that use the partition, because later ones wait behind it. The next
 * maintenance tries again.
 */
async function empty(database: Database, number: number): Promise<void> {
  const schema = quoted(database.schema);
  const tables = `${schema}.events_${number}, ${schema}.journal_${number}`;
  try {
    await database.transaction(async ({ query }) => {
      await query("SET LOCAL lock_timeout = '100ms'");
      await query(`LOCK TABLE ${tables} IN ACCESS EXCLUSIVE MODE`);
      // A run that is being started either has its first event here already, or writes it after the commit.
      const runs = await query(`SELECT FROM ${schema}.runs WHERE partition = $1 LIMIT 1`, [number]);
      if (runs.length === 0) await query(`TRUNCATE ${tables}`);
    });
  } catch (error) {
    if ((error as { code?: string }).code === lockNotAvailable) return;
    throw await explainFailure(database, error);
  }
}

/** If no partition is free, the open one stays open. */
async function openNext({ query, schema: name }: Database, openMs: number): Promise<void> {
  const schema = quoted(name);
  await query(
    `UPDATE ${schema}.open_partition SET number = free.number, opened_at = clock_timestamp()
     FROM (SELECT number FROM ${unused(schema)} AND bytes = 0 ORDER BY number LIMIT 1) AS free
     WHERE opened_at < clock_timestamp() - $2::float8 * interval '1 millisecond'`,
    [name, openMs],
  );
}

/** The partitions that are closed and have no run, with the bytes of their rows; $1 is the schema's name. */
function unused(schema: string): string {
  return `generate_series(1, ${partitionCount}) AS number, LATERAL (SELECT
      pg_relation_size(format('%I.events_%s', $1::text, number)::regclass)
      + pg_relation_size(format('%I.journal_%s', $1::text, number)::regclass) AS bytes) AS files
    WHERE number <> (SELECT open.number FROM ${schema}.open_partition AS open)
      AND NOT EXISTS (SELECT FROM ${schema}.runs WHERE partition = number)`;
}
