import { RunnableLambda } from "@langchain/core/runnables";
import { describe, expect, test } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { takeLeasesAway } from "../test-support/leases.ts";
import { startTestRuntime } from "../test-support/test-runtime.ts";

/** A pipeline that ends when its execution does, or when `isMended` says so. */
function hangingPipeline(isMended: () => boolean) {
  return definePipeline({
    name: "hanging",
    create: () =>
      RunnableLambda.from((_: unknown, { signal }: { signal?: AbortSignal }) => {
        if (isMended()) return "alive";
        return new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason as Error));
        });
      }),
  });
}

describe("a run whose workers are lost", () => {
  // With processes that it kills: crash.long.test.ts.
  test("is given up after three of them, and continues when the cause is fixed and it is resumed", async () => {
    let isMended = false;
    await using t = await startTestRuntime({
      database: await openOnServer(),
      pipelines: [hangingPipeline(() => isMended)],
    });
    const { runtime } = t;
    const { database } = runtime;
    const { id } = await runtime.start("hanging", null);
    for (let executions = 1; executions <= 3; executions += 1) {
      // A worker that is full does not take its own run again.
      await runtime.work({ name: `worker ${executions}`, concurrency: 1 });
      await expect.poll(async () => (await runtime.get(id)).executions).toBe(executions);
      if (executions < 3) await takeLeasesAway(database);
    }
    await runtime.work({ name: "worker 4", concurrency: 1 });
    await takeLeasesAway(database);
    expect(await runtime.wait(id)).toMatchObject({
      status: "failed",
      isDeadLetter: true,
      executions: 3,
      error: { name: "WorkerLostError", code: "worker_lost" },
    });
    expect((await runtime.list({ deadLetters: true })).runs).toMatchObject([{ id }]);
    const types = (await Array.fromAsync(runtime.events(id))).map(({ type }) => type);
    const execution = ["run-start", "run-lost"];
    expect(types).toEqual(["run-queued", ...execution, ...execution, ...execution, "run-end"]);
    const letters = await database.query(
      `SELECT data FROM "${database.schema}_queue".job WHERE name = 'dead-letters'`,
    );
    expect(letters).toMatchObject([{ data: { runId: id, code: "worker_lost" } }]);

    isMended = true;
    await runtime.resume(id);
    expect(await runtime.wait(id)).toMatchObject({
      status: "succeeded",
      isDeadLetter: false,
      output: "alive",
    });
  });
});
