import { RunnableLambda } from "@langchain/core/runnables";
import { Annotation, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { pipelineOf, question, startTestRuntime } from "../test-support/test-runtime.ts";

const quiet = () => undefined;
const silent = { error: quiet, warn: quiet, info: quiet, debug: quiet };

/** Code with a mistake. */
function brokenWork(task: string): never {
  throw new TypeError(`Cannot read properties of ${task}`);
}

function throwText(): never {
  // oxlint-disable-next-line no-throw-literal -- Libraries do.
  throw "no JSON today";
}

/** A list in a list, and so on. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

describeServerFirst("a runtime", (open) => {
  test("fails with the error of the call, and continues from there when it is resumed", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    await runtime.work();
    sandbox.order({ fault: "status", status: 401, after: 2, times: 1 });
    const run = await runtime.start("answer", question);
    expect(await runtime.wait(run.id)).toMatchObject({
      status: "failed",
      error: { name: "CallFailedError", code: "authentication_error" },
    });
    const answered = sandbox.books.entries.filter(({ status }) => status === 200).length;
    await runtime.resume(run.id);
    const resumed = await runtime.wait(run.id);
    expect(resumed).toMatchObject({ status: "succeeded", executions: 2 });
    expect(resumed.error).toBeUndefined();
    // Nothing that was answered was asked again.
    expect(answered).toBe(2);
    const bodies = sandbox.books.entries.filter(({ status }) => status === 200);
    expect(bodies).toHaveLength(4);
    await expect(runtime.resume(run.id)).rejects.toThrow(/has succeeded: only a run that failed/);
  });

  test("stores an error of the pipeline's code with its step and its stack, and logs it", async () => {
    const State = Annotation.Root({ task: Annotation<string> });
    const broken = definePipeline({
      name: "broken",
      create: ({ checkpointer }) =>
        new StateGraph(State)
          .addNode("prepare", () => ({ task: "ready" }))
          .addNode("work", ({ task }) => brokenWork(task))
          .addEdge(START, "prepare")
          .addEdge("prepare", "work")
          .compile({ checkpointer }),
    });
    const nested = definePipeline({
      name: "nested",
      create: () =>
        new StateGraph(State)
          .addNode("try", async () => {
            await RunnableLambda.from(() => brokenWork("now"))
              .invoke("")
              .catch(() => undefined);
          })
          .addNode(
            "outer",
            new StateGraph(State)
              .addNode("inner", () => brokenWork("now"))
              .addEdge(START, "inner")
              .compile(),
          )
          .addEdge(START, "try")
          .addEdge("try", "outer")
          .compile(),
    });
    const simple = pipelineOf("simple", () => brokenWork("sk-or-v1-0123456789abcdef0123"));
    const log: unknown[] = [];
    const logger = { ...silent, error: (...entry: unknown[]) => void log.push(entry) };
    await using t = await startTestRuntime({
      database: await open(),
      pipelines: [broken, nested, simple],
      orchestra: { logger },
    });
    await t.runtime.work();
    const inGraph = await t.runtime.start("broken", { task: "" });
    const { error } = await t.runtime.wait(inGraph.id);
    expect(error).toMatchObject({ name: "TypeError", code: "error", step: "work" });
    expect(error?.stack).toMatch(/at brokenWork \(.*failed-runs\.test\.ts/);
    expect(log).toEqual([["run failed", { runId: inGraph.id, pipeline: "broken", error }]]);

    const inNested = await t.runtime.start("nested", { task: "" });
    expect((await t.runtime.wait(inNested.id)).error).toMatchObject({ step: "outer" });

    const alone = await t.runtime.start("simple", "");
    const other = (await t.runtime.wait(alone.id)).error;
    expect(other?.stack).toMatch(/at brokenWork /);
    expect(other).not.toHaveProperty("step");
    expect(JSON.stringify(other)).not.toContain("0123456789abcdef");
  });

  test("names the step that failed, not one that was aborted because of it", async () => {
    let isAborting: (signal: AbortSignal) => void;
    const State = Annotation.Root({ task: Annotation<string> });
    const parallel = definePipeline({
      name: "parallel",
      create: ({ checkpointer }) => {
        const waiting = new Promise<AbortSignal>((resolve) => (isAborting = resolve));
        return new StateGraph(State)
          .addNode("aborted", (_, { signal }) => {
            if (signal) isAborting(signal);
            return new Promise((_resolve, reject) => {
              signal?.addEventListener("abort", () => reject(signal.reason as Error));
            });
          })
          .addNode("broken", async () => {
            await waiting;
            return brokenWork("now");
          })
          .addEdge(START, "aborted")
          .addEdge(START, "broken")
          .compile({ checkpointer });
      },
    });
    await using t = await startTestRuntime({ database: await open(), pipelines: [parallel] });
    await t.runtime.work();
    const { id } = await t.runtime.start("parallel", { task: "" });
    expect((await t.runtime.wait(id)).error).toMatchObject({ name: "TypeError", step: "broken" });
  });

  test("marks a run as failed, also when the logger throws", async () => {
    const simple = pipelineOf("simple", () => brokenWork("now"));
    const logger = { ...silent, error: () => Promise.reject(new Error("The disk is full")) };
    await using t = await startTestRuntime({
      database: await open(),
      pipelines: [simple],
      orchestra: { logger },
    });
    await t.runtime.work();
    const run = await t.runtime.start("simple", "");
    expect(await t.runtime.wait(run.id)).toMatchObject({ status: "failed" });
    await expect.poll(() => t.errors).toEqual([new Error("The disk is full")]);
  });

  test("keeps what JSON can hold and PostgreSQL's text cannot", async () => {
    const echo = pipelineOf("echo", (input: unknown) => ({ input, odd: "\u0000\ud800" }));
    await using t = await startTestRuntime({ database: await open(), pipelines: [echo] });
    await t.runtime.work();
    const run = await t.runtime.start("echo", { nul: "a\u0000b" });
    const events = await Array.fromAsync(t.runtime.events(run.id));
    expect((await t.runtime.get(run.id)).output).toEqual({
      input: { nul: "a\u0000b" },
      odd: "\u0000\ud800",
    });
    expect(events.at(-1)).toMatchObject({ type: "run-end", output: { odd: "\u0000\ud800" } });
  });

  test.each([
    ["a number as its message", () => Object.assign(new Error(), { message: 42 }), "Error", "42"],
    ["no name", () => Object.assign(new Error("late"), { name: undefined }), "Error", "late"],
    ["no prototype", () => Object.create(null) as unknown, "Error", "[object Object]"],
  ])("stores the thrown error, also with %s", async (_, thrown, name, message) => {
    const odd = pipelineOf("odd", () => {
      throw thrown();
    });
    await using t = await startTestRuntime({ database: await open(), pipelines: [odd] });
    await t.runtime.work();
    const { id } = await t.runtime.start("odd", null);
    const error = { code: "error", name, message };
    expect(await t.runtime.wait(id)).toMatchObject({ status: "failed", error });
  });

  test.each([
    ["a function", () => () => 1, "JSON cannot express it"],
    [
      "a Map",
      () => new Map([["a", 1]]),
      "it is of the class Map, whose content JSON leaves out: convert it to an object or an array",
    ],
    ["a value whose toJSON throws a text", () => ({ toJSON: throwText }), "no JSON today"],
    ["a value that is nested too deeply", () => nested(20_000), "it is nested too deeply"],
  ])("fails a run whose output is %s", async (_, output, problem) => {
    const odd = pipelineOf("odd", output);
    await using t = await startTestRuntime({ database: await open(), pipelines: [odd] });
    await t.runtime.work();
    const { id } = await t.runtime.start("odd", null);
    const message = `The output of odd cannot be stored as JSON: ${problem}`;
    expect(await t.runtime.wait(id)).toMatchObject({ error: { code: "pipeline_output", message } });
    await expect(t.runtime.start("odd", output())).rejects.toThrow(problem);
  });

  test("fails a run whose graph stops without a question, in the graph itself or in one of its steps", async () => {
    const State = Annotation.Root({ task: Annotation<string> });
    const twoSteps = new StateGraph(State)
      .addNode("prepare", () => ({ task: "ready" }))
      .addNode("work", () => ({ task: "done" }))
      .addEdge(START, "prepare")
      .addEdge("prepare", "work");
    const before = definePipeline({
      name: "before",
      create: ({ checkpointer }) => twoSteps.compile({ checkpointer, interruptBefore: ["work"] }),
    });
    const after = definePipeline({
      name: "after",
      create: ({ checkpointer }) => twoSteps.compile({ checkpointer, interruptAfter: "*" }),
    });
    const nested = definePipeline({
      name: "nested",
      create: ({ checkpointer }) =>
        new StateGraph(State)
          .addNode("inner", twoSteps.compile({ interruptBefore: ["work"] }))
          .addEdge(START, "inner")
          .compile({ checkpointer }),
    });
    const pipelines = [before, after, nested];
    await using t = await startTestRuntime({ database: await open(), pipelines });
    await t.runtime.work();
    const errorOf = async (pipeline: string) => {
      const { id } = await t.runtime.start(pipeline, { task: "" });
      const { status, error } = await t.runtime.wait(id);
      return { status, code: error?.code, message: error?.message };
    };
    expect(await errorOf("before")).toMatchObject({
      status: "failed",
      message: expect.stringContaining(
        'pipeline before was compiled with interruptBefore (["work"])',
      ),
    });
    expect(await errorOf("after")).toMatchObject({
      status: "failed",
      message: expect.stringContaining('pipeline after was compiled with interruptAfter ("*")'),
    });
    expect(await errorOf("nested")).toMatchObject({
      status: "failed",
      code: "stopped_without_question",
      message: expect.stringContaining("call interrupt() in the step"),
    });
  });

  test("fails a run whose output JSON cannot hold", async () => {
    const circular = pipelineOf("circular", () => {
      const output: Record<string, unknown> = {};
      return Object.assign(output, { output });
    });
    await using t = await startTestRuntime({ database: await open(), pipelines: [circular] });
    await t.runtime.work();
    const run = await t.runtime.start("circular", null);
    expect(await t.runtime.wait(run.id)).toMatchObject({
      status: "failed",
      error: { code: "pipeline_output", message: expect.stringMatching(/circular/) },
    });
    expect(t.errors).toEqual([]);
  });

  test("fails a run whose outcome() returns no status that a run can end with", async () => {
    const outcomes: Readonly<Record<string, readonly [() => unknown, string]>> = {
      typo: [() => "sucess", '"sucess"'],
      open: [() => "running", '"running"'],
      nothing: [() => undefined, "undefined"],
      async: [async () => Promise.resolve("succeeded"), "[object Promise]"],
      rejecting: [async () => Promise.reject(new Error("late")), "[object Promise]"],
    };
    const pipelines = Object.entries(outcomes).map(([name, [outcome]]) => ({
      ...pipelineOf(name, () => 1),
      outcome: outcome as () => "succeeded",
    }));
    await using t = await startTestRuntime({ database: await open(), pipelines });
    await t.runtime.work();
    for (const [name, [, shown]] of Object.entries(outcomes)) {
      const run = await t.runtime.start(name, null);
      expect(await t.runtime.wait(run.id)).toMatchObject({
        status: "failed",
        error: {
          code: "pipeline_outcome",
          message: expect.stringContaining(`outcome() of ${name} returned ${shown}: `),
        },
      });
    }
    expect(t.errors).toEqual([]);
  });
});
