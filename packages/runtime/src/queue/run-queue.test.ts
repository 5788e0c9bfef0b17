import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { quoted } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { newJob, openQueue } from "../test-support/open-queue.ts";

// A queue whose process is gone: run-queue.long.test.ts.
test("takes no run when it is opened, even one with a high priority", async () => {
  await using database = await openOnServer();
  const queue = await openQueue(database);
  const job = newJob({ priority: 2 ** 31 - 1 });
  await database.transaction((transaction) => queue.send(transaction, job));
  const other = await openQueue(database);
  expect(await queue.take(1)).toMatchObject([{ id: job.id, retryCount: 0 }]);
  await Promise.all([queue.close(), other.close()]);
});

test("deletes the job of a run a minute after its end, and no other", async () => {
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
  await database.transaction((transaction) => queue.release(lease!, transaction));
  await letPass(10);
  await queue.freeLapsed();
  expect((await ids()).toSorted()).toEqual([ended.id, waiting.id].toSorted());
  await letPass(61);
  await queue.freeLapsed();
  expect(await ids()).toEqual([waiting.id]);
  await queue.close();
});

test("has one job of a run", async () => {
  await using database = await openOnServer();
  const queue = await openQueue(database);
  const job = newJob();
  await database.transaction((transaction) => queue.send(transaction, job));
  const second = database.transaction((transaction) =>
    queue.send(transaction, { ...job, id: randomUUID() }),
  );
  await expect(second).rejects.toThrow("The run run has a job in the queue already");
  await queue.close();
});
