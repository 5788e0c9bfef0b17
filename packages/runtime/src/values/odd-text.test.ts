import { Annotation, END, interrupt, Send, START, StateGraph } from "@langchain/langgraph";
import { RunnableLambda } from "@langchain/core/runnables";
import { expect, test } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { startTestRuntime } from "../test-support/test-runtime.ts";

/** What JSON holds, and PostgreSQL's text and `jsonb` do not. */
const odd = "a\u0000b \ud800 \u001b[2J";

const echo = definePipeline({ name: "echo", create: () => RunnableLambda.from((input) => input) });

const failing = definePipeline({
  name: "failing",
  create: () =>
    RunnableLambda.from(() => {
      throw Object.assign(new Error(`broken: ${odd}`), { name: `Odd${odd}` });
    }),
});

const State = Annotation.Root({
  text: Annotation<string>,
  question: Annotation<unknown>,
  answer: Annotation<unknown>,
  parts: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});

/** Sends work to two tasks, asks, and answers. */
const asking = definePipeline({
  name: "asking",
  create: ({ checkpointer }) =>
    new StateGraph(State)
      .addNode("part", ({ text }) => ({ parts: [text] }))
      .addNode("ask", ({ question }) => ({ answer: interrupt(question) }))
      .addConditionalEdges(START, ({ text }) => [
        new Send("part", { text }),
        new Send("part", { text: `${text}!` }),
      ])
      .addEdge("part", "ask")
      .addEdge("ask", END)
      .compile({ checkpointer }),
});

/** Asks what JSON cannot hold. */
const unaskable = definePipeline({
  name: "unaskable",
  create: ({ checkpointer }) =>
    new StateGraph(Annotation.Root({ answer: Annotation<unknown> }))
      .addNode("ask", () => ({ answer: interrupt({ amount: 10n }) }))
      .addEdge(START, "ask")
      .addEdge("ask", END)
      .compile({ checkpointer }),
});

const pipelines = [echo, failing, asking, unaskable];

describeServerFirst("odd text", (open) => {
  test("is kept in a graph's state, tasks, questions and decisions", async () => {
    await using t = await startTestRuntime({ database: await open(), pipelines });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("asking", { text: odd, question: { [odd]: odd } });
    await expect.poll(async () => (await runtime.get(id)).status).toBe("waiting");
    expect((await runtime.get(id)).waiting).toMatchObject({
      interrupts: [{ value: { [odd]: odd } }],
    });
    await runtime.decide(id, { [odd]: odd });
    expect(await runtime.wait(id)).toMatchObject({
      status: "succeeded",
      output: { text: odd, parts: [odd, `${odd}!`], answer: { [odd]: odd } },
    });
    const events = await Array.fromAsync(runtime.events(id));
    expect(events).toContainEqual(expect.objectContaining({ value: { [odd]: odd } }));
    expect(t.errors).toEqual([]);
  });

  test("is kept of an error", async () => {
    await using t = await startTestRuntime({ database: await open(), pipelines });
    await t.runtime.work();
    const { id } = await t.runtime.start("failing", null);
    expect(await t.runtime.wait(id)).toMatchObject({
      status: "failed",
      error: { name: `Odd${odd}`, message: `broken: ${odd}` },
    });
    expect(t.errors).toEqual([]);
  });

  test("is kept of a schedule's input", async () => {
    await using t = await startTestRuntime({ database: await open(), pipelines });
    const input = { [odd]: [odd] };
    await t.runtime.schedule({ key: "odd", cron: "* * * * *", pipeline: "echo", input });
    expect(await t.runtime.schedules()).toMatchObject([{ key: "odd", input }]);
  });

  test("a question that JSON cannot hold fails its run", async () => {
    await using t = await startTestRuntime({ database: await open(), pipelines });
    await t.runtime.work();
    const { id } = await t.runtime.start("unaskable", {});
    expect(await t.runtime.wait(id)).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("BigInt") },
    });
    expect(t.errors).toEqual([]);
  });

  test("a decision that JSON cannot hold is refused, and another is taken", async () => {
    await using t = await startTestRuntime({ database: await open(), pipelines });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("asking", { text: "x", question: "Which?" });
    await expect.poll(async () => (await runtime.get(id)).status).toBe("waiting");
    await expect(runtime.decide(id, 10n)).rejects.toThrow(/decision.*BigInt/);
    await expect(runtime.decide(id, undefined)).rejects.toThrow("JSON cannot express it");
    await runtime.decide(id, "this");
    expect(await runtime.wait(id)).toMatchObject({ status: "succeeded" });
  });
});
