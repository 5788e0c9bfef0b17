import { ChatPromptTemplate } from "@langchain/core/prompts";
import { tool } from "@langchain/core/tools";
import { RunnableLambda, RunnableParallel } from "@langchain/core/runnables";
import { MemorySaver, START, StateGraph, type LangGraphRunnableConfig } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineRole } from "../agents/index.ts";
import { startTestOrchestra, type TestOrchestra } from "../test-support/test-orchestra.ts";
import { runIdOf } from "./call-options.ts";

const greeter = defineRole({
  name: "greeter",
  system: "You greet.",
  input: z.object({ name: z.string() }),
  output: z.object({ claims: z.array(z.unknown()) }),
});

const state = z.object({ rounds: z.number().default(0) });
type State = z.infer<typeof state>;
type Node = (state: State, config: LangGraphRunnableConfig) => Promise<unknown>;

/** A graph of one node after the other. */
function graphOf(...nodes: readonly Node[]) {
  const graph = new StateGraph(state) as StateGraph<typeof state, State, Partial<State>, string>;
  let last: string = START;
  for (const [index, node] of nodes.entries()) {
    const name = `node${index}`;
    graph.addNode(name, async (given, config) => {
      await node(given, config);
      return { rounds: given.rounds + 1 };
    });
    graph.addEdge(last, name);
    last = name;
  }
  return graph;
}

let t: TestOrchestra;

beforeEach(async () => {
  t = await startTestOrchestra();
  return () => t[Symbol.asyncDispose]();
});

const runs = () => new Set(t.records.map(({ runId }) => runId));

describe("one invocation is one run", () => {
  test("of a graph, whether its nodes hand their config on or not", async () => {
    const agent = t.orchestra.agent(greeter);
    let seen = "";
    const graph = graphOf(
      (_, config) => agent.invoke({ name: "Ada" }, config),
      () => agent.invoke({ name: "Bo" }),
      () => t.orchestra.chat("Hello"),
      () => t.orchestra.completions.create({ messages: [{ role: "user", content: "Hello" }] }),
      () => agent.batch([{ name: "Cy" }, { name: "Di" }]),
      async (_, config) => void (seen = runIdOf(config)),
    ).compile();

    await graph.invoke({});
    expect(t.records).toHaveLength(6);
    expect([...runs()]).toEqual([seen]);
    expect(t.orchestra.ledger.run(seen)).toMatchObject({ calls: 6 });

    await graph.invoke({});
    expect(runs().size).toBe(2);
  });

  test("of a graph around others, as nodes and inside nodes", async () => {
    const inner = graphOf(() => t.orchestra.chat("Hello")).compile();
    const outer = graphOf(
      () => inner.invoke({}),
      (_, config) => inner.invoke({}, config),
      async () => {
        for await (const _ of await inner.stream({}, { streamMode: "custom" }));
      },
    );
    const graph = outer.addNode("last", inner).addEdge("node2", "last").compile();
    await graph.invoke({});
    expect(t.records).toHaveLength(4);
    expect(runs().size).toBe(1);
  });

  test("of createAgent, its tools' calls too", async () => {
    const ask = tool(async () => (await t.orchestra.chat("Hello")).text, {
      name: "search_documents",
      description: "Searches",
      schema: z.object({ query: z.string() }),
    });
    const agent = createAgent({ model: t.orchestra.modelFor("researcher"), tools: [ask] });
    await agent.invoke({ messages: [{ role: "user", content: "When was Vell built?" }] });
    expect(t.records.length).toBeGreaterThan(2);
    expect(runs().size).toBe(1);
  });

  test("of a chain of prompts, models, maps and lambdas", async () => {
    const prompt = ChatPromptTemplate.fromMessages([["user", "{name}"]]);
    const model = t.orchestra.modelFor("greeter");
    const again = RunnableLambda.from(() => t.orchestra.chat("Hello"));
    const chain = prompt
      .pipe(model)
      .pipe(({ text }) => text)
      .pipe(model.withConfig({ tags: ["x"] }))
      .pipe(({ text }) => text)
      .pipe(model.withRetry())
      .pipe(RunnableParallel.from({ one: again, two: () => model.invoke("Hello") }));

    await chain.invoke({ name: "Ada" });
    expect(t.records).toHaveLength(5);
    expect(runs().size).toBe(1);
    await chain.batch([{ name: "Ada" }, { name: "Bo" }]);
    expect(runs().size).toBe(3);
  });

  test("and two invocations at once are two runs", async () => {
    const graph = graphOf(
      () => t.orchestra.chat("Hello"),
      () => t.orchestra.chat("Hello"),
    ).compile();
    const metadata = { team: "red" };
    await graph.batch([{}, {}], { metadata });
    expect(runs().size).toBe(2);
    await t.orchestra.chat("Hello", { metadata, tags: ["a"] });
    await t.orchestra.chat("Hello", { metadata, tags: ["a"] });
    expect(runs().size).toBe(4);
  });
});

test("a budget per run is enforced in a user's graph", async () => {
  await using own = await startTestOrchestra({
    environment: { LLM_BUDGET_TOKENS_PER_RUN: "4500" },
  });
  const graph = new StateGraph(state)
    .addNode("again", async ({ rounds }) => {
      await own.orchestra.chat("Hello");
      return { rounds: rounds + 1 };
    })
    .addEdge(START, "again")
    .addConditionalEdges("again", ({ rounds }) => (rounds < 40 ? "again" : "__end__"))
    .compile();
  await expect(graph.invoke({}, { recursionLimit: 100 })).rejects.toMatchObject({
    code: "budget_error",
  });
  expect(own.orchestra.ledger.total.calls).toBeLessThan(40);
});

test("the caller's own run id is kept", async () => {
  const graph = graphOf(() => t.orchestra.chat("Hello")).compile({
    checkpointer: new MemorySaver(),
  });
  await graph.invoke({}, { configurable: { run_id: "mine", thread_id: "1" } });
  expect([...runs()]).toEqual(["mine"]);
});
