import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { openDatabase } from "./open-database.ts";
import { openPglite } from "./open-pglite.ts";

test("an embedded database is one process's, and has its data when it is opened again", async () => {
  const home = await mkdtemp(join(tmpdir(), "orchestra-home-"));
  try {
    // A copy is there sooner than another new one; that one is made where a demo or a command runs.
    const loadDataDir = new Blob([await readFile(inject("pgliteImage"))]);
    const first = await openPglite({ folder: home, schema: "orchestra", loadDataDir });
    await expect(openDatabase({ home })).rejects.toThrow(/in use by process/);
    await first.query("CREATE TABLE kept (a integer)");
    await first.close();
    await using second = await openDatabase({ home });
    expect(await second.query("SELECT * FROM kept")).toEqual([]);
  } finally {
    await rm(home, { recursive: true });
  }
});
