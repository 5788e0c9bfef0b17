import { expect, test } from "vitest";
import { toRun, type RunRow } from "../../runs/index.ts";
import { describeServerFirst } from "../../test-support/databases.ts";
import { migrate, quoted } from "../index.ts";
import { migrations } from "./index.ts";

describeServerFirst("a database of an older version", (open) => {
  test("has runs without unknown usage, and books what is unknown from then on", async () => {
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
});
