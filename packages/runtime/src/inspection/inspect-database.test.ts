import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { readCheckpointTables } from "../checkpoints/index.ts";
import { DatabaseError, migrate, migrations, openPostgres } from "../database/index.ts";
import { inspectDatabase } from "./inspect-database.ts";
import { migrateDatabase } from "../open-runtime.ts";

const url = inject("databaseUrl");

/** A schema of a server, as it is before a runtime has used it. */
async function newSchema() {
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const database = await openPostgres({ url, schema, maxConnections: 2 });
  return {
    schema,
    database,
    [Symbol.asyncDispose]: async () => {
      await database.query(`DROP SCHEMA IF EXISTS "${schema}", "${schema}_queue" CASCADE`);
      await database.close();
    },
  };
}

async function newFolder() {
  const path = await mkdtemp(join(tmpdir(), "orchestra-inspect-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe("a server", () => {
  test("that no runtime has used is empty, and stays so", async () => {
    await using place = await newSchema();
    const inspected = { state: "open", isEmpty: true, newer: [] };
    for (const _ of [1, 2]) {
      const found = await inspectDatabase({ url, schema: place.schema });
      expect(found).toMatchObject({ ...inspected, version: expect.stringMatching(/^\d+/) });
      expect(found).toHaveProperty(
        "pending",
        migrations.map(({ id, name, isBreaking }) => ({ id, name, isBreaking })),
      );
    }
  });

  test("that is migrated has nothing pending", async () => {
    await using place = await newSchema();
    await migrate(place.database);
    const found = await inspectDatabase({ url, schema: place.schema });
    expect(found).toMatchObject({ state: "open", isEmpty: false, pending: [], newer: [] });
  });

  test("of another version has migrations pending, or unknown ones", async () => {
    await using place = await newSchema();
    await migrate(place.database);
    const table = `"${place.schema}".migrations`;
    await place.database.query(`DELETE FROM ${table} WHERE id = 2`);
    await place.database.query(`INSERT INTO ${table} (id, name) VALUES (9999, 'future')`);
    const found = await inspectDatabase({ url, schema: place.schema });
    expect(found).toMatchObject({
      pending: [{ id: 2, isBreaking: false }],
      newer: [{ id: 9999, name: "future", isBreaking: true }],
    });
  });

  test("reports whether the tables of the queue and the checkpoints exist, and their versions", async () => {
    await using place = await newSchema();
    const { schema, database } = place;
    const states = async () => {
      const found = await inspectDatabase({ url, schema });
      if (found.state !== "open") throw new Error(found.state);
      return Object.fromEntries(found.libraries.map(({ name, state }) => [name, state]));
    };
    await migrate(database);
    expect(await states()).toEqual({ queue: "missing", checkpoints: "missing" });
    await migrateDatabase({ settings: { databaseUrl: url, databaseSchema: schema } });
    expect(await states()).toEqual({ queue: "current", checkpoints: "current" });
    const { found, expected } = await readCheckpointTables(database);
    expect(found).toBe(expected);
    const queue = `"${schema}_queue".version`;
    const checkpoints = `"${schema}".checkpoint_migrations`;
    await database.query(`UPDATE ${queue} SET version = version - 1`);
    await database.query(
      `DELETE FROM ${checkpoints} WHERE v = (SELECT max(v) FROM ${checkpoints})`,
    );
    expect(await states()).toEqual({ queue: "old", checkpoints: "old" });
    await database.query(`UPDATE ${queue} SET version = version + 9`);
    await database.query(`INSERT INTO ${checkpoints} (v) VALUES (999)`);
    expect(await states()).toEqual({ queue: "current", checkpoints: "current" });
  });

  test("that cannot be reached is an error without the password", async () => {
    const away = inspectDatabase({ url: "postgresql://me:hunter22@127.0.0.1:1/mine" });
    await expect(away).rejects.toThrow(DatabaseError);
    await expect(away).rejects.not.toThrow("hunter22");
  });
});

// That a process has: inspect-database.long.test.ts.
describe("an embedded database", () => {
  test("is absent before its first use, and is not made by looking", async () => {
    await using folder = await newFolder();
    const home = join(folder.path, "home");
    for (const _ of [1, 2])
      expect(await inspectDatabase({ home })).toMatchObject({ state: "absent", folder: home });
  });
});
