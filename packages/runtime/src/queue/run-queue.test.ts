import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { migrate, openPglite, quoted, type Database } from "../database/index.ts";
import type { Announcer } from "../events/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { RunQueue, type Job } from "./run-queue.ts";

const onError = (error: unknown) => expect.unreachable(String(error));

function openQueue(database: Database): Promise<RunQueue> {
  // It would announce that there is work, and nobody listens.
  const announcer = { work: () => undefined } as Announcer;
  return RunQueue.open({ database, announcer, onError });
}

const newJob = (more: Partial<Job> = {}): Job => {
  return { id: randomUUID(), runId: "run", pipeline: "any", version: "1", priority: 0, ...more };
};

test("takes no run when it is opened, however urgent it is", async () => {
  await using database = await openOnServer();
  const queue = await openQueue(database);
  const job = newJob({ priority: 2 ** 31 - 1 });
  await database.transaction((transaction) => queue.send(transaction, job));
  const other = await openQueue(database);
  expect(await queue.take(1)).toMatchObject([{ id: job.id, retryCount: 0 }]);
  await Promise.all([queue.close(), other.close()]);
});

test("forgets the job of a run a minute after its end, and no other", async () => {
  await using database = await openOnServer();
  const tables = quoted(`${database.schema}_queue`);
  const queue = await openQueue(database);
  const ids = async () => {
    const rows = await database.query<{ id: string }>(
      `SELECT id FROM ${tables}.job WHERE name = 'run-jobs'`,
    );
    return rows.map(({ id }) => id);
  };
  const letPass = (seconds: number) =>
    database.query(
      `WITH upkeep AS (
         UPDATE ${tables}.queue SET maintain_on = now() - $1 * interval '1 second'
       )
       UPDATE ${tables}.job SET completed_on = completed_on - $1 * interval '1 second'`,
      [seconds],
    );
  const [ended, waiting] = [newJob(), newJob({ runId: "another" })];
  await database.transaction((transaction) => queue.send(transaction, ended));
  const [lease] = await queue.take(1);
  await database.transaction((transaction) => queue.send(transaction, waiting));
  await queue.release(lease!);
  await letPass(10);
  await queue.freeLapsed();
  expect((await ids()).toSorted()).toEqual([ended.id, waiting.id].toSorted());
  await letPass(61);
  await queue.freeLapsed();
  expect(await ids()).toEqual([waiting.id]);
  await queue.close();
});

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
      const job = newJob();
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
