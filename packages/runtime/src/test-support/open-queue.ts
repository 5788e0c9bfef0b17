import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { Database } from "../database/index.ts";
import type { Announcer } from "../events/index.ts";
import { RunQueue, type Job } from "../queue/run-queue.ts";

const onError = (error: unknown) => expect.unreachable(String(error));

/** The queue of a database, without notifications of new work. */
export function openQueue(database: Database): Promise<RunQueue> {
  const announcer = { work: () => undefined } as Announcer;
  return RunQueue.open({ database, announcer, onError });
}

export function newJob(more: Partial<Job> = {}): Job {
  return { id: randomUUID(), runId: "run", pipeline: "any", version: "1", priority: 0, ...more };
}
