import { quoted, type Database } from "../database/index.ts";
import { jobTable, queueNames } from "../queue/job-table.ts";

/** Whether there is work that becomes due with time, without a notification. */
export interface DueWork {
  /** Runs that can be executed: their time has come, or their notification was lost. */
  readonly runs: boolean;
  /** Leases on runs and on occurrences of schedules, which their workers have not renewed. */
  readonly lapsedLeases: boolean;
  /** Occurrences of schedules. */
  readonly occurrences: boolean;
  /** Runs past their deadlines that no worker executes. */
  readonly overdue: boolean;
}

/** Checks all of it in one statement, because it is the most frequent query of an idle worker. */
export async function findDueWork({ query, schema }: Database): Promise<DueWork> {
  const jobs = jobTable(schema);
  const isDue = "state < 'active' AND NOT blocked AND start_after <= now()";
  // The index of active jobs has only jobs with a group. Jobs of runs and schedules have one.
  const isLapsed = `state = 'active' AND group_id IS NOT NULL
    AND heartbeat_on + heartbeat_seconds * interval '1 second' < now()`;
  const [due] = await query<DueWork>(
    `SELECT
       EXISTS (SELECT FROM ${jobs} WHERE name = $1 AND ${isDue}) AS runs,
       EXISTS (SELECT FROM ${jobs} WHERE name IN ($1, $2) AND ${isLapsed}) AS "lapsedLeases",
       EXISTS (SELECT FROM ${jobs} WHERE name = $2 AND ${isDue}) AS occurrences,
       EXISTS (
         SELECT FROM ${quoted(schema)}.runs
         WHERE ended_at IS NULL AND deadline_at <= now() AND status <> 'running'
       ) AS overdue`,
    [queueNames.runs, queueNames.schedules],
  );
  return due as DueWork;
}

/** Runs whose deadline has passed, and that no worker executes. */
export async function findOverdueRuns(
  { query, schema }: Database,
  limit: number,
): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `SELECT id FROM ${quoted(schema)}.runs
     WHERE ended_at IS NULL AND deadline_at <= clock_timestamp() AND status <> 'running' LIMIT $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}
