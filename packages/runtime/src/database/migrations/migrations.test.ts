import { RunnableLambda } from "@langchain/core/runnables";
import { expect, test } from "vitest";
import { ApiKeys } from "../../keys/index.ts";
import { definePipeline } from "../../pipelines/index.ts";
import { toRun, type RunRow } from "../../runs/index.ts";
import { describeServerFirst } from "../../test-support/databases.ts";
import { startTestRuntime } from "../../test-support/test-runtime.ts";
import { migrate, quoted } from "../index.ts";
import { migrations } from "./index.ts";

const says = definePipeline({ name: "says", create: () => RunnableLambda.from(() => "done") });

describeServerFirst("a database of an older version", (open) => {
  test("has runs without unknown usage, and stores unknown usage from then on", async () => {
    await using database = await open();
    const schema = quoted(database.schema);
    await database.query(`DROP SCHEMA ${schema} CASCADE`);
    const before = migrations.filter(({ id }) => id < 3);
    await migrate(database, before);
    const insert = `INSERT INTO ${schema}.runs (id, pipeline, status, input, approval, priority, attempts, cost_usd)`;
    await database.query(`${insert} VALUES ('old', 'p', 'succeeded', '{}', false, 0, 2, 0.5)`);
    await migrate(database);
    const [row] = await database.query<RunRow>(`SELECT * FROM ${schema}.runs`);
    expect(toRun(row!).usage).toMatchObject({
      attempts: 2,
      costUsd: 0.5,
      unknownUsageAttempts: 0,
      unknownCostAttempts: 0,
    });
    // A worker of the older version, which is still at work, goes on writing.
    await database.query(`${insert} VALUES ('new', 'p', 'queued', '{}', false, 0, 0, 0)`);
  });

  test("keeps the events and the journal that its runs have, and gets more of both versions", async () => {
    await using database = await open();
    const schema = quoted(database.schema);
    await database.query(`DROP SCHEMA ${schema} CASCADE`);
    await migrate(
      database,
      migrations.filter(({ id }) => id < 17),
    );
    // As the older version writes them.
    const event = (number: number) =>
      database.query(
        `INSERT INTO ${schema}.events (run_id, number, at, event)
         VALUES ('old', $1, now(), '{"type": "step-end", "step": "a"}')`,
        [number],
      );
    await database.query(
      `INSERT INTO ${schema}.runs (id, pipeline, status, input, approval, priority, job_id, event_count)
       VALUES ('old', 'says', 'queued', '0', false, 0, gen_random_uuid(), 2)`,
    );
    await event(1);
    await database.query(
      `INSERT INTO ${schema}.journal (run_id, epoch, kind, step, name, request, occurrence, value)
       VALUES ('old', 0, 'tool', '', 'search', 'r', 0, '1')`,
    );
    await migrate(database);
    await using t = await startTestRuntime({ database, pipelines: [says] });
    await event(2);
    await expect(event(2)).rejects.toMatchObject({ code: "23505" });
    await t.runtime.cancel("old");
    const events = await Array.fromAsync(t.runtime.events("old"));
    expect(events.map(({ number, type }) => [number, type])).toEqual([
      [1, "step-end"],
      [2, "step-end"],
      [3, "run-cancel-requested"],
      [4, "run-end"],
    ]);
    expect((await t.runtime.export("old")).journal).toMatchObject([{ name: "search", value: 1 }]);
    await t.runtime.delete("old");
    expect(await database.query(`SELECT FROM ${schema}.events`)).toEqual([]);
    expect(await database.query(`SELECT FROM ${schema}.journal`)).toEqual([]);
  });

  test("has idempotency keys of the client's keys that its runs are of", async () => {
    await using database = await open();
    const schema = quoted(database.schema);
    await database.query(`DROP SCHEMA ${schema} CASCADE`);
    await migrate(
      database,
      migrations.filter(({ id }) => id < 13),
    );
    const insert = async (id: string, keyId: string | null, key: string) => {
      const statement = `INSERT INTO ${schema}.runs
        (id, pipeline, version, status, input, approval, priority, key_id, idempotency_key)
        VALUES ($1, 'says', '1', 'cancelled', '0', false, 0, $2, $3)`;
      await database.query(statement, [id, keyId, key]);
    };
    const keys = new ApiKeys(database);
    const [a, b] = [await keys.create({ name: "a" }), await keys.create({ name: "b" })];
    await insert("before", a.id, "one");
    await insert("without", null, "two");
    await migrate(database);
    await using t = await startTestRuntime({ database, pipelines: [says] });
    // A server of the older version, which is still at work.
    await insert("after", a.id, "three");
    const start = async (idempotencyKey: string, { id: keyId }: { readonly id?: string } = {}) =>
      (await t.runtime.start("says", 0, { idempotencyKey, ...(keyId && { keyId }) })).id;
    const startAll = async () => [
      await start("one", a),
      await start("two"),
      await start("three", a),
    ];

    expect(await startAll()).toEqual(["before", "without", "after"]);
    const ofB = [await start("one", b), await start("two", b), await start("three", b)];
    for (const id of ["before", "without", "after"]) await t.runtime.retry(id, { keyId: b.id });
    expect(await startAll()).toEqual(["before", "without", "after"]);
    expect(await start("three", b)).toBe(ofB[2]);
    expect((await t.runtime.list()).runs).toHaveLength(6);
  });
});
