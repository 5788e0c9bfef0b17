import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { makeCheckpointTables } from "../checkpoints/index.ts";
import { migrate, openPglite } from "../database/index.ts";
import { inspectDatabase } from "./inspect-database.ts";

test("an embedded database is in use while a process has it, and can be looked at afterwards", async () => {
  const home = await mkdtemp(join(tmpdir(), "orchestra-inspect-"));
  try {
    const loadDataDir = new Blob([await readFile(inject("pgliteImage"))]);
    const database = await openPglite({ folder: home, schema: "orchestra", loadDataDir });
    const state = await inspectDatabase({ home });
    expect(state).toEqual({ state: "in-use", folder: home, processId: process.pid });
    await migrate(database);
    await makeCheckpointTables(database);
    await database.close();
    expect(await inspectDatabase({ home })).toMatchObject({
      state: "open",
      pending: [],
      libraries: [{ state: "missing" }, { state: "current" }],
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
