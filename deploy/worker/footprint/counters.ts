import type { Client } from "pg";

/** What a server has done since it was started. */
export interface Counters {
  readonly at: number;
  /** Those that begin and end transactions count too. */
  readonly statements: number;
  /** Transactions that wrote: each has to reach the disk. */
  readonly writes: number;
  /** Bytes of the write-ahead log. */
  readonly logBytes: number;
}

/** What one run adds to a table. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** With its indexes, and with what is stored out of line. */
  readonly bytes: number;
}

export async function readCounters(client: Client): Promise<Counters> {
  const { rows } = await client.query<Record<"statements" | "writes" | "log_bytes", string>>(`
    SELECT (SELECT sum(calls) FROM pg_stat_statements) AS statements,
      pg_snapshot_xmax(pg_current_snapshot())::text AS writes,
      pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS log_bytes`);
  const [row] = rows;
  return {
    at: performance.now(),
    statements: Number(row?.statements),
    writes: Number(row?.writes),
    logBytes: Number(row?.log_bytes),
  };
}

/** What was done from one reading to a later one. */
export function difference(before: Counters, after: Counters): Counters {
  return {
    at: after.at - before.at,
    statements: after.statements - before.statements,
    writes: after.writes - before.writes,
    logBytes: after.logBytes - before.logBytes,
  };
}

/** Sizes of all tables, once the space of rows that are gone can be used again. */
export async function readTables(client: Client): Promise<TableSize[]> {
  await client.query("VACUUM");
  const { rows } = await client.query<{ name: string; bytes: string }>(`
    SELECT format('%I.%I', nspname, relname) AS name, pg_total_relation_size(c.oid) AS bytes
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'r' AND nspname LIKE 'orchestra%' ORDER BY name`);
  const sizes: TableSize[] = [];
  for (const { name, bytes } of rows) {
    const counted = await client.query<{ count: string }>(`SELECT count(*) FROM ${name}`);
    sizes.push({ table: name, rows: Number(counted.rows[0]?.count), bytes: Number(bytes) });
  }
  return sizes;
}
