import type { Client } from "pg";

/** What a server has done since it was started. */
export interface Counters {
  readonly at: number;
  /** Those that begin and end transactions count too. */
  readonly statements: number;
  /** Transactions whose commits wait for the disk: those that wrote what is kept. */
  readonly commits: number;
  /** Statements that show what grows, in a table without a write-ahead log. */
  readonly shown: number;
  /** Statements that only send a notification; each is a transaction and writes no rows. */
  readonly notices: number;
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
  const { rows } = await client.query<
    Record<"statements" | "shown" | "notices" | "transactions" | "log_bytes", string>
  >(`
    SELECT sum(calls) AS statements,
      sum(calls) FILTER (WHERE query ~ '^INSERT INTO "\\w+"\\.live ') AS shown,
      sum(calls) FILTER (WHERE query ~ 'pg_notify') AS notices,
      pg_snapshot_xmax(pg_current_snapshot())::text AS transactions,
      pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS log_bytes
    FROM pg_stat_statements`);
  const [row] = rows;
  const [shown, notices] = [Number(row?.shown ?? 0), Number(row?.notices ?? 0)];
  return {
    at: performance.now(),
    statements: Number(row?.statements),
    commits: Number(row?.transactions) - shown - notices,
    shown,
    notices,
    logBytes: Number(row?.log_bytes),
  };
}

/** What was done from one reading to a later one. */
export function difference(before: Counters, after: Counters): Counters {
  return {
    at: after.at - before.at,
    statements: after.statements - before.statements,
    commits: after.commits - before.commits,
    shown: after.shown - before.shown,
    notices: after.notices - before.notices,
    logBytes: after.logBytes - before.logBytes,
  };
}

/** Sizes of all tables, once the space of rows that are gone can be used again. */
export async function readTables(client: Client): Promise<TableSize[]> {
  await client.query("VACUUM");
  const { rows } = await client.query<{ name: string; bytes: string }>(`
    SELECT format('%I.%I', nspname, relname) AS name, (
      SELECT sum(pg_total_relation_size(relid))
      FROM (SELECT c.oid AS relid UNION SELECT relid FROM pg_partition_tree(c.oid)) AS parts) AS bytes
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname LIKE 'orchestra%' ORDER BY name`);
  const sizes: TableSize[] = [];
  for (const { name, bytes } of rows) {
    const counted = await client.query<{ count: string }>(`SELECT count(*) FROM ${name}`);
    sizes.push({ table: name, rows: Number(counted.rows[0]?.count), bytes: Number(bytes) });
  }
  return sizes;
}
