import type { Database, Run } from "@orchestra/runtime";

/** What a filled store holds of each run. */
export const kept = { events: 20, answers: 3 };

/** Ids of the runs that {@link fillStore} makes, by their number. */
export const idOfFilled = (number: number): string => `filled-${number}`;

const pipelines = 4;
/** One run in this number has failed. */
const failedOneIn = 16;
/** Number of cancelled runs, independent of the number of runs. */
const cancelled = 30;

/**
 * Fills a store with finished runs that are copies of one that has been executed there: each with its
 * row, with as many events as a pipeline with tools has, and with its answers in the journal. They began
 * in the last 20 days, most of them succeeded, and they are of four pipelines.
 */
export async function fillStore(
  { query, schema }: Database,
  { id, lastEvent }: Run,
  runs: number,
): Promise<void> {
  const table = (name: string) => `"${schema}".${name}`;
  await query(
    `INSERT INTO ${table("runs")}
     SELECT copy.* FROM ${table("runs")} AS run,
       generate_series(1, $2::integer) AS number,
       LATERAL (SELECT number * interval '20 days' / $2 AS age) AS ages,
       LATERAL json_populate_record(run, json_build_object(
         'id', 'filled-' || number,
         'pipeline', 'pipeline-' || number / 3 % ${pipelines},
         'status', CASE
           WHEN number % ($2 / ${cancelled}) = 0 THEN 'cancelled'
           WHEN number % ${failedOneIn} = 5 THEN 'failed'
           ELSE 'succeeded'
         END,
         'event_count', ${kept.events},
         'created_at', run.created_at - age,
         'started_at', run.started_at - age,
         'ended_at', run.ended_at - age
       )) AS copy
     WHERE run.id = $1`,
    [id, runs],
  );
  await query(
    // Copied run by run, so that the events of a run are next to each other on the disk, as if they had been written.
    `WITH template AS MATERIALIZED (
       SELECT place, at, event
       FROM generate_series(0, ${kept.events - 1}) AS place, ${table("events")}
       WHERE run_id = $1
         AND number = CASE place
           WHEN ${kept.events - 1} THEN $3::bigint
           ELSE 1 + place % ($3::bigint - 1)
         END
       ORDER BY place
     )
     INSERT INTO ${table("events")} (run_id, number, at, event)
     SELECT 'filled-' || copy, 1 + place, at, event
     FROM generate_series(1, $2::integer) AS copy,
       LATERAL (SELECT * FROM template WHERE copy IS NOT NULL OFFSET 0) AS events`,
    [id, runs, lastEvent],
  );
  await query(
    `INSERT INTO ${table("journal")}
       (run_id, epoch, kind, step, name, request, occurrence, value, at)
     SELECT 'filled-' || copy, epoch, kind, step, name, request, occurrence, value, at
     FROM generate_series(1, $2::integer) AS copy, ${table("journal")}
     WHERE run_id = $1`,
    [id, runs],
  );
  await query("VACUUM ANALYZE");
}
