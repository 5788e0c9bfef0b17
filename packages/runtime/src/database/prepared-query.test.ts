import { expect, inject, test } from "vitest";
import { openOnServer } from "../test-support/databases.ts";
import type { Database } from "./database.ts";
import { openPostgres } from "./open-postgres.ts";

/** A table of one row, and its database over one connection. */
async function openWithTable() {
  const tables = await openOnServer();
  const table = `"${tables.schema}".t`;
  await tables.query(`CREATE TABLE ${table} AS SELECT 1 AS a`);
  const database = await openPostgres({
    url: inject("databaseUrl"),
    schema: tables.schema,
    maxConnections: 1,
  });
  return {
    database,
    table,
    read: () => database.query(`SELECT * FROM ${table} WHERE a = $1`, [1], { isFrequent: true }),
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await tables.close();
    },
  };
}

/** As {@link openWithTable}, where it is known that connections are kept. */
async function openAndHear() {
  const scene = await openWithTable();
  await using _ = scene.database.listen("a channel", () => undefined);
  await expect.poll(() => scene.database.receivesNotifications).toBe(true);
  return scene;
}

async function preparedTexts({ query }: Database): Promise<unknown[]> {
  const rows = await query("SELECT statement FROM pg_prepared_statements");
  return rows.map(({ statement }) => statement);
}

test("a frequent statement is prepared once for a connection, and no other one", async () => {
  await using scene = await openAndHear();
  const { database, read, table } = scene;
  await database.query(`SELECT a FROM ${table} WHERE a = $1`, [1]);
  expect([await read(), await read()]).toEqual([[{ a: 1 }], [{ a: 1 }]]);
  expect(await preparedTexts(database)).toEqual([`SELECT * FROM ${table} WHERE a = $1`]);
});

test("nothing is prepared before it is known that connections are kept", async () => {
  await using scene = await openWithTable();
  expect(await scene.read()).toEqual([{ a: 1 }]);
  expect(await preparedTexts(scene.database)).toEqual([]);
});

test.each([
  ["a migration adds a column", (table: string) => `ALTER TABLE ${table} ADD COLUMN b integer`],
  ["the server has forgotten it", () => "DEALLOCATE ALL"],
])("a prepared statement is executed when %s", async (_, change) => {
  await using scene = await openAndHear();
  const { database, read, table } = scene;
  await read();
  await database.query(change(table));
  expect(await read()).toMatchObject([{ a: 1 }]);
  expect(await read()).toMatchObject([{ a: 1 }]);
});

test("the error of a prepared statement is that of the statement", async () => {
  await using scene = await openAndHear();
  const divide = () => scene.database.query("SELECT 1 / $1::integer", [0], { isFrequent: true });
  await expect(divide()).rejects.toMatchObject({ code: "22012" });
  await expect(divide()).rejects.toMatchObject({ code: "22012" });
});

test("a statement that fails does not cost its connection", async () => {
  await using scene = await openAndHear();
  const { query } = scene.database;
  const processId = async () => (await query("SELECT pg_backend_pid() AS id"))[0]?.["id"];
  const before = await processId();
  await expect(query("SELECT * FROM nothing")).rejects.toMatchObject({ code: "42P01" });
  expect(await processId()).toBe(before);
});
