import type { Database } from "../database/index.ts";

/** Handles an expired lease at once, as the queue does when it finds one. */
export async function takeLeasesAway(database: Database): Promise<void> {
  const { query, schema } = database;
  await query(
    `UPDATE "${schema}_queue".job
     SET state = 'retry', retry_count = retry_count + 1, start_after = now(), heartbeat_on = NULL
     WHERE name = 'run-jobs' AND state = 'active'`,
  );
  await database.notify(`${schema}_work`, "");
}
