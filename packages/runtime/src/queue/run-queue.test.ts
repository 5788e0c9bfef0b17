import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { migrate, openPglite, type Database } from "../database/index.ts";
import type { Announcer } from "../events/index.ts";
import { RunQueue } from "./run-queue.ts";

const onError = (error: unknown) => expect.unreachable(String(error));

function openQueue(database: Database): Promise<RunQueue> {
  // It would announce that there is work, and nobody listens.
  const announcer = { work: () => undefined } as Announcer;
  return RunQueue.open({ database, announcer, onError });
}

test("gives what a process held that is gone to the next that opens its PGlite, at once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-queue-"));
  const loadDataDir = new Blob([await readFile(inject("pgliteImage"))]);
  const open = async (from?: Blob): Promise<Database> => {
    const database = await openPglite({
      folder,
      schema: "q",
      ...(from ? { loadDataDir: from } : {}),
    });
    await migrate(database);
    return database;
  };
  try {
    {
      await using database = await open(loadDataDir);
      const queue = await openQueue(database);
      const job = { id: randomUUID(), runId: "run", pipeline: "any", version: "1", priority: 0 };
      await database.transaction((transaction) => queue.send(transaction, job));
      const second = database.transaction((transaction) =>
        queue.send(transaction, { ...job, id: randomUUID() }),
      );
      await expect(second).rejects.toThrow("The run run has a job in the queue already");
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
