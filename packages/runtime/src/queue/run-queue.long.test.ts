import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { migrate, openPglite, type Database } from "../database/index.ts";
import { newJob, openQueue } from "../test-support/open-queue.ts";

test("gives the runs of a process that has ended at once to the next process that opens its PGlite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-queue-"));
  const image = new Blob([await readFile(inject("pgliteImage"))]);
  const open = async (loadDataDir?: Blob): Promise<Database> => {
    const from = loadDataDir ? { loadDataDir } : {};
    const database = await openPglite({ folder, schema: "q", ...from });
    await migrate(database);
    return database;
  };
  try {
    {
      await using database = await open(image);
      const queue = await openQueue(database);
      await database.transaction((transaction) => queue.send(transaction, newJob()));
      expect(await queue.take(5)).toMatchObject([{ runId: "run", retryCount: 0 }]);
      // Another one in this process takes nothing from the first.
      const other = await openQueue(database);
      expect(await other.take(5)).toEqual([]);
      await other.close();
      await queue.close();
    }
    await using database = await open();
    const queue = await openQueue(database);
    expect(await queue.take(5)).toMatchObject([{ runId: "run", retryCount: 1 }]);
    await queue.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
