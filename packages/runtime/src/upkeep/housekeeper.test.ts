import { expect, test } from "vitest";
import { quoted, type Database } from "../database/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { pipelineOf, startTestRuntime } from "../test-support/test-runtime.ts";

/** The same as if the clock of the server was set back by a day. */
async function setClockBack({ query, schema }: Database): Promise<void> {
  const queue = quoted(`${schema}_queue`);
  await query(
    `UPDATE ${queue}.job SET start_after = start_after + interval '1 day',
       created_on = created_on + interval '1 day', heartbeat_on = heartbeat_on + interval '1 day'`,
  );
  await query(`UPDATE ${queue}.version SET cron_on = cron_on + interval '1 day'`);
  await query(`UPDATE ${quoted(schema)}.locks SET done_at = done_at + interval '1 day'`);
}

describeServerFirst("after the clock of the database was set back", (open) => {
  test("queued runs, those of dead workers and those that were handed back are executed, and schedules go on", async () => {
    const echo = pipelineOf("echo", (input) => input);
    await using t = await startTestRuntime({ database: await open(), pipelines: [echo] });
    const { runtime } = t;
    const { query, schema } = runtime.database;
    const queue = quoted(`${schema}_queue`);
    const ids: Record<string, string> = {};
    for (const name of ["queued", "held", "handedBack"]) {
      ids[name] = (await runtime.start("echo", name)).id;
    }
    await query(
      `UPDATE ${queue}.job SET state = 'active', started_on = now(), heartbeat_on = now(), heartbeat_seconds = 1
       WHERE singleton_key = $1`,
      [ids["held"]],
    );
    await query(
      `UPDATE ${queue}.job SET state = 'retry', started_on = now(), retry_count = 1,
         created_on = created_on - interval '2 days' WHERE singleton_key = $1`,
      [ids["handedBack"]],
    );
    await expect
      .poll(() => query(`SELECT FROM ${queue}.version WHERE cron_on IS NOT NULL`))
      .toHaveLength(1);
    await setClockBack(runtime.database);

    await runtime.work();
    for (const [name, id] of Object.entries(ids)) {
      expect(await runtime.wait(id)).toMatchObject({ status: "succeeded", output: name });
    }
    expect(await query(`SELECT FROM ${queue}.version WHERE cron_on <= now()`)).toHaveLength(1);
    expect(t.errors).toEqual([]);
  });
});
