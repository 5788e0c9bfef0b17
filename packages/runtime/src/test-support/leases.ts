import type { Database } from "../database/index.ts";

/** Makes the leases on runs look as if nobody had renewed them for long; the queue finds that in seconds. */
export async function lapseLeases({ query, schema }: Database): Promise<void> {
  await query(
    `UPDATE "${schema}_queue".job SET heartbeat_on = now() - interval '1 hour'
     WHERE name = 'run-jobs' AND state = 'active'`,
  );
}

/** Does at once what the queue does when it finds a lease that has lapsed. */
export async function takeLeasesAway(database: Database): Promise<void> {
  const { query, schema } = database;
  await query(
    `UPDATE "${schema}_queue".job
     SET state = 'retry', retry_count = retry_count + 1, start_after = now(), heartbeat_on = NULL
     WHERE name = 'run-jobs' AND state = 'active'`,
  );
  await database.notify(`${schema}_work`, "");
}
