import type { Database } from "../database/index.ts";

/** Makes the leases on runs look as if nobody had renewed them for long; the queue finds that in seconds. */
export async function lapseLeases({ query, schema }: Database): Promise<void> {
  await query(
    `UPDATE "${schema}_queue".job SET heartbeat_on = now() - interval '1 hour'
     WHERE name = 'runs' AND state = 'active'`,
  );
}
