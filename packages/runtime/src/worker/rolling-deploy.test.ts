import { RunnableLambda } from "@langchain/core/runnables";
import { expect, test } from "vitest";
import { migrate, quoted, type Database } from "../database/index.ts";
import { migrations, type Migration } from "../database/migrations/index.ts";
import { definePipeline } from "../pipelines/index.ts";
import { runFormat } from "../runs/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { startTestRuntime } from "../test-support/test-runtime.ts";

/** A pipeline whose runs say which version executes them, when the gate opens. */
const saying = (version: string, gate: Promise<void> = Promise.resolve()) =>
  definePipeline({
    name: "says",
    version,
    create: () =>
      RunnableLambda.from(async () => {
        await gate;
        return `by ${version}`;
      }),
  });

/** What the next version would add to the tables. */
const next: Migration = {
  id: 9999,
  name: "next",
  isBreaking: false,
  statements: (schema) => [
    `ALTER TABLE ${schema}.runs ADD COLUMN later text NOT NULL DEFAULT 'x'`,
    `ALTER TABLE ${schema}.events ADD COLUMN later integer`,
    `CREATE TABLE ${schema}.later (id text PRIMARY KEY)`,
  ],
};

async function setFormat({ query, schema }: Database, id: string, format: number): Promise<void> {
  await query(`UPDATE ${quoted(schema)}.runs SET format = $2 WHERE id = $1`, [id, format]);
}

describeServerFirst("a rolling deploy", (open) => {
  test("ends the runs of both versions on the workers that have them, also after an old worker's restart", async () => {
    const gate = Promise.withResolvers<void>();
    const database = await open();
    const old = [saying("1", gate.promise)];
    await using t = await startTestRuntime({ database, pipelines: old });
    const oldWorker = await t.runtime.work();
    const underWay = await t.runtime.start("says", 0);
    await expect.poll(async () => (await t.runtime.get(underWay.id)).status).toBe("running");

    // The first process of the next version migrates, while one of this version is at work.
    expect(await migrate(database, [...migrations, next])).toEqual([next]);
    const newer = await t.another({ pipelines: [saying("2")] });
    await newer.work();
    const ofOld = await t.runtime.start("says", 1);
    const ofNew = await newer.start("says", 2);
    expect(await newer.wait(ofNew.id)).toMatchObject({ version: "2", output: "by 2" });
    gate.resolve();
    for (const { id } of [underWay, ofOld]) {
      expect(await newer.wait(id)).toMatchObject({ version: "1", output: "by 1" });
    }

    // No worker has the old version any more.
    await oldWorker.drain();
    const left = await t.runtime.start("says", 3);
    const [shown] = (await newer.list({ status: "queued" })).runs;
    expect(shown).toMatchObject({ id: left.id, version: "1", hasWorker: false });

    // A worker of the old version starts on the newer tables.
    expect(await migrate(database, migrations)).toEqual([]);
    const restarted = await t.another({ pipelines: old });
    await restarted.work();
    expect(await newer.wait(left.id)).toMatchObject({ version: "1", output: "by 1" });
    expect(t.errors).toEqual([]);
  });

  test("leaves a run whose stored format is newer to workers that can read it", async () => {
    const database = await open();
    await using t = await startTestRuntime({ database, pipelines: [saying("1")] });
    const { id } = await t.runtime.start("says", 1);
    await setFormat(database, id, runFormat + 1);
    await t.runtime.work();
    const job = async () => {
      const [found] = await database.query<{ retry_count: number; isLater: boolean }>(
        `SELECT retry_count, start_after > clock_timestamp() AS "isLater"
         FROM ${quoted(`${database.schema}_queue`)}.job WHERE data->>'runId' = $1`,
        [id],
      );
      return found;
    };
    await expect.poll(job).toEqual({ retry_count: 0, isLater: true });
    expect(await t.runtime.get(id)).toMatchObject({
      status: "queued",
      executions: 0,
      lastEvent: 1,
    });
    await expect(t.runtime.cancel(id)).resolves.toMatchObject({ status: "cancelled" });
    await expect(t.runtime.retry(id, { from: "a step" })).rejects.toThrow(/by a newer version/);

    await setFormat(database, id, 1);
    await t.runtime.resume(id);
    expect(await t.runtime.wait(id)).toMatchObject({ status: "succeeded", output: "by 1" });
    expect(t.errors).toEqual([]);
  });

  test("shows an event of a newer format as it is stored", async () => {
    const database = await open();
    await using t = await startTestRuntime({ database, pipelines: [saying("1")] });
    const { id } = await t.runtime.start("says", 1);
    const schema = quoted(database.schema);
    await database.query(
      `INSERT INTO ${schema}.events (run_id, number, at, format, event)
       VALUES ($1, 2, now(), 2, '{"type": "run-pondered", "thoughts": [1]}')`,
      [id],
    );
    await database.query(`UPDATE ${schema}.runs SET event_count = 2 WHERE id = $1`, [id]);
    await t.runtime.cancel(id);
    const [queued, pondered, ...rest] = await Array.fromAsync(t.runtime.events(id));
    expect(queued).not.toHaveProperty("format");
    expect(pondered).toMatchObject({ number: 2, format: 2, type: "run-pondered", thoughts: [1] });
    expect(rest.at(-1)).toMatchObject({ type: "run-end" });
  });
});
