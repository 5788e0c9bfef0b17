import { quoted, type Database } from "../database/index.ts";
import { runStatuses, type RunStatus } from "./run.ts";

/** The amount of work, and the number of workers. */
export interface QueueLoad {
  /** Runs that wait for a worker. */
  readonly queuedRuns: number;
  /** Workers that have reported in the last 30 seconds. */
  readonly workers: number;
  /** Whether the database does not accept writes, so that no run can be started. */
  readonly isReadOnly: boolean;
}

/** A worker that has not reported for longer does not count. */
export const presentSeconds = 30;

/** The number of runs that wait for a worker, and of active workers. */
export async function countLoad({ query, schema }: Database): Promise<QueueLoad> {
  const [row] = await query<{ queued: string; workers: string; isReadOnly: boolean }>(
    `SELECT (SELECT count(*) FROM ${quoted(schema)}.runs WHERE status = 'queued') AS queued,
       (SELECT count(*) FROM ${quoted(schema)}.workers
        WHERE seen_at > clock_timestamp() - interval '${presentSeconds} seconds') AS workers,
       current_setting('transaction_read_only') = 'on' AS "isReadOnly"`,
  );
  return {
    queuedRuns: Number(row?.queued),
    workers: Number(row?.workers),
    isReadOnly: row?.isReadOnly === true,
  };
}

/** How many runs have each status. */
export async function countByStatus({
  query,
  schema,
}: Database): Promise<Readonly<Record<RunStatus, number>>> {
  const rows = await query<{ status: RunStatus; runs: string }>(
    `SELECT status, count(*) AS runs FROM ${quoted(schema)}.runs GROUP BY status`,
  );
  const counts = new Map(rows.map(({ status, runs }) => [status, Number(runs)]));
  const all = runStatuses.map((status) => [status, counts.get(status) ?? 0]);
  return Object.fromEntries(all) as Record<RunStatus, number>;
}
