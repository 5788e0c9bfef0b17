import { RunnableLambda } from "@langchain/core/runnables";
import { Annotation, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { takeLeasesAway } from "../test-support/leases.ts";
import { startTestRuntime } from "../test-support/test-runtime.ts";

/** Does not end before it is aborted. */
function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
  });
}

/** A pipeline that ends when its execution does, or when `isMended` says so. */
function hangingPipeline(isMended: () => boolean) {
  return definePipeline({
    name: "hanging",
    create: () =>
      RunnableLambda.from((_: unknown, { signal }: { signal?: AbortSignal }) =>
        isMended() ? "alive" : hang(signal),
      ),
  });
}

/** A graph with two steps at the same time, one of which never ends. */
const halfHangingPipeline = definePipeline({
  name: "half-hanging",
  create: ({ checkpointer }) =>
    new StateGraph(Annotation.Root({ count: Annotation<number> }))
      .addNode("quick", () => ({ count: 1 }))
      .addNode("hanging", (_, { signal }) => hang(signal))
      .addEdge(START, "quick")
      .addEdge(START, "hanging")
      .compile({ checkpointer }),
});

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

  test("is given up after three of them, also if a step beside the crash was done by the first", async () => {
    await using t = await startTestRuntime({
      database: await openOnServer(),
      pipelines: [halfHangingPipeline],
    });
    const { runtime } = t;
    const { id } = await runtime.start("half-hanging", { count: 0 });
    const steps: string[] = [];
    const following = (async () => {
      for await (const event of runtime.events(id))
        if (event.type === "step-end") steps.push(event.step);
    })();
    for (let executions = 1; executions <= 3; executions += 1) {
      await runtime.work({ name: `worker ${executions}`, concurrency: 1 });
      // Each execution has written, or read, the result of the step that is done.
      await expect.poll(() => steps.length).toBe(executions);
      await takeLeasesAway(runtime.database);
    }
    await runtime.work({ name: "worker 4", concurrency: 1 });
    expect(await runtime.wait(id)).toMatchObject({
      isDeadLetter: true,
      executions: 3,
      error: { code: "worker_lost" },
    });
    await following;
    expect(steps).toEqual(["quick", "quick", "quick"]);
  });
});
