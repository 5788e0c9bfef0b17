import { RunnableLambda } from "@langchain/core/runnables";
import { expect, test } from "vitest";
import { quoted, type Database } from "../database/index.ts";
import { definePipeline } from "../pipelines/index.ts";
import { describeServerFirst, openOnServer } from "../test-support/databases.ts";
import {
  answerPipeline,
  question,
  startTestRuntime,
  type TestRuntime,
} from "../test-support/test-runtime.ts";
import { tidyPartitions } from "./partitions.ts";

const dayMs = 86_400_000;
/** Then a partition is open for a day. */
const keptDays = 8;

/** Lets a time go by: everything in the database is so much older. */
async function goBy({ query, schema: name }: Database, days: number): Promise<void> {
  const schema = quoted(name);
  const past = `- $1::float8 * interval '1 day'`;
  await query(`UPDATE ${schema}.open_partition SET opened_at = opened_at ${past}`, [days]);
  await query(
    `UPDATE ${schema}.runs SET created_at = created_at ${past}, ended_at = ended_at ${past}`,
    [days],
  );
}

/** Gives a run many more events. */
async function fill({ query, schema: name }: Database, id: string): Promise<void> {
  const schema = quoted(name);
  await query(
    `INSERT INTO ${schema}.events (run_id, number, at, event, partition)
     SELECT id, 1000 + n, now(), json_build_object('type', 'step-end', 'step', repeat('x', 200)), partition
     FROM ${schema}.runs, generate_series(1, 1000) AS n WHERE id = $1`,
    [id],
  );
}

async function partitionOf({ query, schema }: Database, id: string): Promise<number> {
  const [run] = await query<{ partition: number }>(
    `SELECT partition FROM ${quoted(schema)}.runs WHERE id = $1`,
    [id],
  );
  return run?.partition ?? -1;
}

/** Bytes of the events and the journal in a partition. */
async function sizeOf({ query, schema }: Database, partition: number): Promise<number> {
  const tables = ["events", "journal"].map((table) => `${quoted(schema)}.${table}_${partition}`);
  const [size] = await query<{ bytes: number }>(
    "SELECT (pg_relation_size($1::regclass) + pg_relation_size($2::regclass))::integer AS bytes",
    tables,
  );
  return size?.bytes ?? -1;
}

/** Starts a worker whose upkeep is due. */
async function startUpkeep(t: TestRuntime): Promise<void> {
  const { query, schema } = t.runtime.database;
  await query(`UPDATE ${quoted(schema)}.locks SET done_at = NULL`);
  await (await t.another()).work();
}

const numbersTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describeServerFirst("events and journal", (open) => {
  test("of days that are no longer kept go as whole partitions, and runs that have not ended stay", async () => {
    const database = await open();
    const gate = Promise.withResolvers<void>();
    const slow = definePipeline({
      name: "slow",
      create: () => RunnableLambda.from(() => gate.promise.then(() => "done")),
    });
    await using t = await startTestRuntime({
      database,
      pipelines: [answerPipeline, slow],
      settings: { retentionDays: keptDays },
    });
    const { runtime } = t;
    await runtime.work();
    const waiting = await runtime.start("answer", question, { approval: true });
    await expect.poll(async () => (await runtime.get(waiting.id)).status).toBe("waiting");
    const running = await runtime.start("slow", 0);
    await expect.poll(async () => (await runtime.get(running.id)).status).toBe("running");
    const ended: string[] = [];
    const partitions: number[] = [];
    for (let day = 1; day <= 3; day += 1) {
      const { id } = await runtime.start("answer", question);
      await runtime.wait(id);
      await fill(database, id);
      ended.push(id);
      partitions.push(await partitionOf(database, id));
      await goBy(database, 1);
      await tidyPartitions(database, keptDays * dayMs);
    }
    expect(new Set(partitions).size).toBe(3);
    for (const partition of partitions) {
      expect(await sizeOf(database, partition)).toBeGreaterThan(200_000);
    }

    // The last of the days is still kept. The upkeep does its turn while others start, execute and read runs.
    await goBy(database, keptDays - 1.5);
    const reader = Array.fromAsync(runtime.events(waiting.id));
    await startUpkeep(t);
    const [first, second, third] = partitions as [number, number, number];
    for (;;) {
      const { id } = await runtime.start("answer", question);
      expect(await runtime.wait(id)).toMatchObject({ status: "succeeded" });
      if ((await sizeOf(database, first)) + (await sizeOf(database, second)) === 0) break;
    }
    expect(await sizeOf(database, third)).toBeGreaterThan(200_000);
    await expect(runtime.get(ended[2]!)).resolves.toMatchObject({ status: "succeeded" });
    for (const id of ended.slice(0, 2)) await expect(runtime.get(id)).rejects.toThrow(/no run/);

    for (const { id } of [waiting, running]) expect(await partitionOf(database, id)).toBe(0);
    gate.resolve();
    await runtime.decide(waiting.id, { decision: "approve" });
    const { status, lastEvent } = await runtime.wait(waiting.id);
    expect(status).toBe("succeeded");
    const numbers = (await reader).flatMap(({ number }) => number ?? []);
    expect(numbers).toEqual(numbersTo(lastEvent));
    expect(await runtime.wait(running.id)).toMatchObject({ output: "done", executions: 1 });
    expect(t.errors).toEqual([]);
  });
});

test("a partition that a statement uses is emptied later, and its rows are not those of a run with the same id", async () => {
  const database = await openOnServer();
  await using t = await startTestRuntime({ database, settings: { retentionDays: keptDays } });
  const { runtime } = t;
  await runtime.work();
  const id = "same";
  await runtime.wait((await runtime.start("answer", question, { id })).id);
  const partition = await partitionOf(database, id);
  await goBy(database, keptDays + 1);
  await tidyPartitions(database, keptDays * dayMs);

  const user = await database.pool.connect();
  await user.query(`BEGIN; SELECT FROM ${quoted(database.schema)}.events_${partition}`);
  await startUpkeep(t);
  const isThere = () =>
    runtime.get(id).then(
      () => true,
      () => false,
    );
  await expect.poll(isThere).toBe(false);
  await tidyPartitions(database, keptDays * dayMs);
  expect(await sizeOf(database, partition)).toBeGreaterThan(0);

  await runtime.start("answer", question, { id });
  const { lastEvent } = await runtime.wait(id);
  const events = await Array.fromAsync(runtime.events(id));
  expect(events.map(({ number }) => number)).toEqual(numbersTo(lastEvent));
  expect((await runtime.export(id)).journal).toHaveLength(5);

  await user.query("COMMIT");
  user.release();
  await tidyPartitions(database, keptDays * dayMs);
  expect(await sizeOf(database, partition)).toBe(0);
  expect(t.errors).toEqual([]);
});
