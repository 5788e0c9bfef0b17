import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import type { Runtime } from "../runtime.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { pipelineOf, startTestRuntime } from "../test-support/test-runtime.ts";

const State = Annotation.Root({ depth: Annotation<number>, path: Annotation<string> });

/** A pipeline whose step starts a run of itself, and waits for it, until the depth is 0. */
function nestedPipeline(runtime: () => Runtime) {
  const descend = async ({ depth, path }: typeof State.State) => {
    if (depth === 0) return { path };
    const input = { depth: depth - 1, path: `${path}.${depth}` };
    const { id } = await runtime().start("nested", input, { idempotencyKey: input.path });
    const { output } = await runtime().wait(id);
    return output as typeof State.State;
  };
  return definePipeline({
    name: "nested",
    create: ({ checkpointer }) =>
      new StateGraph(State)
        .addNode("descend", descend)
        .addEdge(START, "descend")
        .addEdge("descend", END)
        .compile({ checkpointer }),
  });
}

describeServerFirst("runs that wait for runs", (open) => {
  test("do not block a worker, however many of them are before the others in the queue", async () => {
    const pipelines = [nestedPipeline(() => t.runtime)];
    await using t = await startTestRuntime({ database: await open(), pipelines });
    const paths = ["a", "b", "c"];
    const started = paths.map((path) => t.runtime.start("nested", { depth: 2, path }));
    const runs = await Promise.all(started);
    await t.runtime.work({ concurrency: 1 });
    const ended = await Promise.all(runs.map(({ id }) => t.runtime.wait(id)));
    expect(ended.map(({ output }) => (output as typeof State.State).path)).toEqual(
      paths.map((path) => `${path}.2.1`),
    );
  });

  test("lend one slot each: of several awaited runs, a worker with one slot executes one at a time", async () => {
    let active = 0;
    let mostActive = 0;
    const child = pipelineOf("child", async (input) => {
      mostActive = Math.max(mostActive, (active += 1));
      await new Promise(setImmediate);
      active -= 1;
      return input;
    });
    const parent = pipelineOf("parent", async (inputs: readonly number[]) => {
      const { runtime } = t;
      const runs = await Promise.all(inputs.map((input) => runtime.start("child", input)));
      const ended = await Promise.all(runs.map(({ id }) => runtime.wait(id)));
      return ended.map(({ output }) => output);
    });
    await using t = await startTestRuntime({ database: await open(), pipelines: [child, parent] });
    const { id } = await t.runtime.start("parent", [1, 2, 3]);
    await t.runtime.work({ concurrency: 1 });
    expect(await t.runtime.wait(id)).toMatchObject({ output: [1, 2, 3] });
    expect(mostActive).toBe(1);
  });

  test("are executed by a worker of named runs together with those that they wait for", async () => {
    const pipelines = [nestedPipeline(() => t.runtime)];
    await using t = await startTestRuntime({ database: await open(), pipelines });
    const other = await t.runtime.start("nested", { depth: 0, path: "other" });
    const { id } = await t.runtime.start("nested", { depth: 1, path: "a" });
    await t.runtime.work({ runs: [id] });
    expect(await t.runtime.wait(id)).toMatchObject({ output: { path: "a.1" } });
    expect(await t.runtime.get(other.id)).toMatchObject({ status: "queued" });
  });
});
