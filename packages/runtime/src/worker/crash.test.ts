import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { describe, inject, test } from "vitest";
import type { Database } from "../database/index.ts";
import type { RunEvent } from "../events/index.ts";
import type { Runtime } from "../runtime.ts";
import { openRuntime } from "../open-runtime.ts";
import { openOnServer } from "../test-support/databases.ts";
import { deadlyPipeline } from "../test-support/deadly-pipeline.ts";
import { lapseLeases } from "../test-support/leases.ts";
import { answerPipeline, environmentFor, question } from "../test-support/test-runtime.ts";
import { startWorkerProcess, type WorkerProcess } from "../test-support/worker-process.ts";

/** A sandbox, tables on the server, and a runtime on them that executes nothing yet. */
interface Scene extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly database: Database;
  readonly runtime: Runtime;
  readonly startProcess: (name: string) => Promise<WorkerProcess>;
}

async function setScene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox());
  const database = stack.use(await openOnServer());
  const environment = environmentFor(sandbox);
  const runtime = stack.use(
    await openRuntime({ pipelines: [answerPipeline, deadlyPipeline], database, environment }),
  );
  const { schema } = database;
  const databaseUrl = inject("databaseUrl");
  const all = stack.move();
  return {
    sandbox,
    database,
    runtime,
    startProcess: (name) => startWorkerProcess({ databaseUrl, schema, environment, name }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function eventsOf(runtime: Runtime, id: string): Promise<RunEvent[]> {
  return Array.fromAsync(runtime.events(id));
}

describe.concurrent("a worker process that is killed", () => {
  test.for([
    { nth: 1, whose: "the researcher's first", replays: 0 },
    { nth: 2, whose: "the researcher's second", replays: 1 },
    { nth: 3, whose: "the validator's", replays: 0 },
    { nth: 4, whose: "the executor's", replays: 0 },
  ])(
    "in the middle of $whose call loses that call alone",
    { timeout: 60_000 },
    async ({ nth, replays }, { expect }) => {
      await using scene = await setScene();
      const { runtime, sandbox } = scene;
      sandbox.order({ fault: "hang", after: nth - 1, times: 1 });
      await using first = await scene.startProcess("first");
      const run = await runtime.start("answer", question);
      await expect.poll(() => sandbox.books.entries.length, { timeout: 15_000 }).toBe(nth);
      await first.kill();
      const killedAt = performance.now();

      await runtime.work({ name: "second" });
      const ended = await runtime.wait(run.id);
      expect(performance.now() - killedAt).toBeLessThan(30_000);
      expect(ended).toMatchObject({ status: "succeeded", executions: 2, worker: "second" });
      expect(ended.output).toMatchObject({ answer: expect.stringContaining("1871") });

      const asked = sandbox.books.entries.map(({ body }) => JSON.stringify(body));
      expect(asked).toHaveLength(5);
      expect(asked[nth]).toBe(asked[nth - 1]);
      expect(new Set(asked).size).toBe(4);
      // What was paid for before the kill is in the run's account once.
      const answered = sandbox.books.entries.filter(({ status }) => status === 200);
      const paid = answered.reduce((sum, { promptTokens }) => sum + promptTokens, 0);
      expect(ended.usage).toMatchObject({ calls: 4, promptTokens: paid });

      const events = await eventsOf(runtime, run.id);
      expect(events.map(({ number }) => number)).toEqual(events.map((_, index) => index + 1));
      const count = (type: RunEvent["type"]) =>
        events.filter((event) => event.type === type).length;
      expect(count("run-end")).toBe(1);
      expect(count("call-replay")).toBe(replays);
      expect(events.find(({ type }) => type === "run-lost")).toMatchObject({ worker: "first" });
    },
  );
});

describe.concurrent("a run that kills its workers", () => {
  test("is given up after three of them, holds up nobody, and goes on when it is mended", async ({
    expect,
  }) => {
    const folder = await mkdtemp(join(tmpdir(), "orchestra-deadly-"));
    const remedy = join(folder, "remedy");
    try {
      await using scene = await setScene();
      const { runtime, database } = scene;
      const deadly = await runtime.start("deadly", { unless: remedy });
      const others = [];
      for (let number = 1; number <= 5; number += 1) {
        others.push((await runtime.start("answer", { task: `${question.task} ${number}` })).id);
      }
      for (const name of ["first", "second", "third"]) {
        await using process = await scene.startProcess(name);
        await process.gone;
        await lapseLeases(database);
      }
      await using _ = await scene.startProcess("fourth");
      const ended = await runtime.wait(deadly.id);
      expect(ended).toMatchObject({
        status: "failed",
        isDeadLetter: true,
        executions: 3,
        error: { name: "WorkerLostError", code: "worker_lost" },
      });
      expect((await runtime.list({ deadLetters: true })).runs).toMatchObject([{ id: deadly.id }]);
      const story = (await eventsOf(runtime, deadly.id)).map((event) =>
        "worker" in event ? `${event.type} ${event.worker}` : event.type,
      );
      expect(story).toEqual([
        "run-queued",
        "run-start first",
        "run-lost first",
        "run-start second",
        "run-lost second",
        "run-start third",
        "run-lost third",
        "run-end",
      ]);
      const letters = await database.query(
        `SELECT data FROM "${database.schema}_queue".job WHERE name = 'dead-letters'`,
      );
      expect(letters).toMatchObject([
        { data: { runId: deadly.id, worker: "third", code: "worker_lost" } },
      ]);
      for (const id of others) {
        expect(await runtime.wait(id)).toMatchObject({ status: "succeeded" });
      }

      await writeFile(remedy, "");
      await runtime.resume(deadly.id);
      expect(await runtime.wait(deadly.id)).toMatchObject({
        status: "succeeded",
        isDeadLetter: false,
        output: { answer: "alive" },
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 90_000);
});
