import { RunnableLambda } from "@langchain/core/runnables";
import { expect, test } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { pipelineOf, startTestRuntime } from "../test-support/test-runtime.ts";

const echo = definePipeline({ name: "echo", create: () => RunnableLambda.from((input) => input) });
const echo2 = { ...echo, version: "2" };

describeServerFirst("a worker of named runs", (open) => {
  test("takes only these, in their order, although other runs are before them in the queue", async () => {
    await using t = await startTestRuntime({ database: await open(), pipelines: [echo] });
    const { runtime } = t;
    const other = await runtime.start("echo", "other", { priority: 9 });
    const low = await runtime.start("echo", "low");
    const high = await runtime.start("echo", "high", { priority: 5 });
    const worker = await runtime.work({ concurrency: 1, runs: [low.id, high.id] });
    const [first, second] = await Promise.all([runtime.wait(high.id), runtime.wait(low.id)]);
    expect([first.output, second.output]).toEqual(["high", "low"]);
    expect(Date.parse(first.endedAt ?? "")).toBeLessThanOrEqual(Date.parse(second.endedAt ?? ""));
    // It is not shown as a worker for what it does not take.
    const { runs } = await runtime.list({ status: "queued" });
    expect(runs).toMatchObject([{ id: other.id, executions: 0, hasWorker: false }]);
    await worker.drain();

    await runtime.work({ runs: [other.id] });
    expect(await runtime.wait(other.id)).toMatchObject({ output: "other", executions: 1 });
  });

  test("takes at most as many as it has slots", async () => {
    let active = 0;
    let mostActive = 0;
    const counted = pipelineOf("counted", async (input) => {
      mostActive = Math.max(mostActive, (active += 1));
      await new Promise(setImmediate);
      active -= 1;
      return input;
    });
    await using t = await startTestRuntime({ database: await open(), pipelines: [counted] });
    const started = [1, 2, 3, 4].map((input) => t.runtime.start("counted", input));
    const ids = (await Promise.all(started)).map(({ id }) => id);
    await t.runtime.work({ concurrency: 1, runs: ids });
    await Promise.all(ids.map((id) => t.runtime.wait(id)));
    expect(mostActive).toBe(1);
  });

  test("takes one again that was handed back, and one that is started later", async () => {
    const entered = Promise.withResolvers<void>();
    let isFirst = true;
    const slow = definePipeline({
      name: "slow",
      create: () =>
        RunnableLambda.from(async (input, { signal }) => {
          if (!isFirst) return input as string;
          isFirst = false;
          entered.resolve();
          return new Promise<never>((_, reject) => {
            signal?.addEventListener("abort", () => reject(signal.reason as Error));
          });
        }),
    });
    await using t = await startTestRuntime({ database: await open(), pipelines: [slow] });
    const { id } = await t.runtime.start("slow", "a");
    const worker = await t.runtime.work({ runs: [id], graceMs: 0 });
    await entered.promise;
    await worker.drain();
    expect(await t.runtime.get(id)).toMatchObject({ status: "queued", executions: 1 });

    await t.runtime.work({ runs: [id, "later"] });
    expect(await t.runtime.wait(id)).toMatchObject({ output: "a", executions: 2 });
    await t.runtime.start("slow", "b", { id: "later" });
    expect(await t.runtime.wait("later")).toMatchObject({ output: "b" });
  });

  test("leaves a run to others whose version it does not have", async () => {
    await using t = await startTestRuntime({ database: await open(), pipelines: [echo2] });
    const { id } = await t.runtime.start("echo", "two");
    const older = await t.another({ pipelines: [echo] });
    await older.work({ runs: [id, "mine"] });
    await older.start("echo", "one", { id: "mine" });
    expect(await older.wait("mine")).toMatchObject({ output: "one" });
    expect(await older.get(id)).toMatchObject({ status: "queued", executions: 0 });
    await t.runtime.work({ runs: [id] });
    expect(await t.runtime.wait(id)).toMatchObject({ version: "2", output: "two" });
  });
});
