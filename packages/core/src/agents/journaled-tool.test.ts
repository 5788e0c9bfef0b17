import { ToolMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import {
  Command,
  END,
  interrupt,
  isInterrupted,
  MemorySaver,
  START,
  StateGraph,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MemoryJournal, type Journal } from "../journal/index.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { journaledTool } from "./journaled-tool.ts";

const passages = JSON.stringify({
  passages: [{ path: "vell.md", line: 3, text: "The lighthouse of Vell was built in 1871." }],
});

const question = { task: "When was the lighthouse of Vell built?" };

type SearchWork = (config: RunnableConfig) => unknown;

/** A tool that the sandbox's model calls once before it answers. */
function search(work: SearchWork, responseFormat = "content") {
  return tool((_: { query: string }, config: RunnableConfig) => work(config), {
    name: "search",
    description: "Searches the archive",
    schema: z.object({ query: z.string() }),
    responseFormat,
  }) as StructuredToolInterface;
}

const call = (id: string, query = "Vell") => ({
  type: "tool_call" as const,
  name: "search",
  args: { query },
  id,
});

const within = (configurable: object) => ({ configurable: { ...configurable } });

describe("the idempotency key of a tool call", () => {
  test("reaches the tool in the config that LangChain hands it", async () => {
    await using t = await startTestOrchestra();
    const keys: unknown[] = [];
    const agent = t.orchestra.researcher({
      tools: [
        search((config) => {
          keys.push(idempotencyKeyOf(config));
          return passages;
        }),
      ],
    });
    await agent.invoke(question);
    expect(keys).toEqual([expect.stringMatching(/^[\da-f]{64}$/)]);
  });

  test("is the same for the same call, and another where anything differs", async () => {
    const keys: (string | undefined)[] = [];
    const once = journaledTool(search((config) => keys.push(idempotencyKeyOf(config))));
    const here = { run_id: "run-1", step: "research:1" };
    await once.invoke(call("a"), within(here));
    await once.invoke(call("a"), within({ ...here, thread_id: "noise" }));
    await once.invoke(call("b"), within(here));
    await once.invoke(call("a", "Brin"), within(here));
    await once.invoke(call("a"), within({ ...here, run_id: "run-2" }));
    await once.invoke(call("a"), within({ ...here, step: "research:2" }));
    const [first, same, ...others] = keys;
    expect(same).toBe(first);
    expect(new Set([first, ...others]).size).toBe(5);
  });

  test("is that of the inner call for a tool that calls a tool, and none without an agent", async () => {
    const keys: (string | undefined)[] = [];
    const inner = journaledTool(search((config) => keys.push(idempotencyKeyOf(config))));
    const outer = search((config) => {
      keys.push(idempotencyKeyOf(config));
      return inner.invoke(call("inner"), config);
    });
    await journaledTool(outer).invoke(call("outer"));
    await outer.invoke(call("outer"));
    expect(keys[0]).not.toBe(keys[1]);
    expect(keys[2]).toBeUndefined();
    expect(idempotencyKeyOf(undefined)).toBeUndefined();
  });
});

describe("a tool call with a journal", () => {
  const inRun = (journal: Journal) => within({ journal, run_id: "run-1", step: "research:1" });

  test("is made once; after a crash its message comes from the journal", async () => {
    let calls = 0;
    const once = journaledTool(
      search(() => [`answer ${(calls += 1)}`, { rows: [1] }], "content_and_artifact"),
    );
    const journal = new MemoryJournal();
    const first: unknown = await once.invoke(call("a"), inRun(journal));
    const again: unknown = await once.invoke(call("a"), inRun(journal.again()));
    expect(calls).toBe(1);
    expect(ToolMessage.isInstance(again)).toBe(true);
    expect(again).toEqual(first);
    expect(again).toMatchObject({
      content: "answer 1",
      artifact: { rows: [1] },
      status: "success",
      tool_call_id: "a",
      name: "search",
    });
  });

  test("keeps a message that the tool returns, and an output that is not a message", async () => {
    const own = new ToolMessage({ content: "no", tool_call_id: "a", status: "error", name: "x" });
    const outputs: unknown[] = [own, { rows: 2 }];
    const raw = Object.create(
      search(() => ""),
      {
        invoke: { value: async () => outputs.shift() },
      },
    ) as StructuredToolInterface;
    const journal = new MemoryJournal();
    for (const execution of [journal, journal.again()]) {
      const once = journaledTool(raw);
      expect(await once.invoke(call("a"), inRun(execution))).toEqual(own);
      expect(await once.invoke(call("b"), inRun(execution))).toEqual({ rows: 2 });
    }
  });

  test.each([
    ["a date", new Date(0)],
    ["a map", new Map([[1, 2]])],
    ["a command for the graph", new Command({ goto: "elsewhere" })],
  ])("is made again if its result cannot be written as JSON: %s", async (_, artifact) => {
    let calls = 0;
    const once = journaledTool(
      search(() => [`answer ${(calls += 1)}`, artifact], "content_and_artifact"),
    );
    const journal = new MemoryJournal();
    const first: unknown = await once.invoke(call("a"), inRun(journal));
    expect(await once.invoke(call("a"), inRun(journal.again()))).toMatchObject({ artifact });
    expect([calls, first]).toEqual([2, expect.objectContaining({ artifact })]);
  });

  test("throws the tool's own error, and keeps nothing of it", async () => {
    const failure = new Error("archive closed");
    let calls = 0;
    const once = journaledTool(
      search(() => {
        if ((calls += 1) === 1) throw failure;
        return "open";
      }),
    );
    const journal = new MemoryJournal();
    await expect(once.invoke(call("a"), inRun(journal))).rejects.toBe(failure);
    expect(journal.size).toBe(0);
    expect(await once.invoke(call("a"), inRun(journal.again()))).toMatchObject({ content: "open" });
  });

  test("whose journal fails ends the agent: the error does not go to the model", async () => {
    await using t = await startTestOrchestra();
    const full = new Error("disk full");
    const stored = new MemoryJournal();
    const journal: Journal = {
      claim: async (entry) => {
        const claim = await stored.claim(entry);
        if (claim.isStored || entry.kind !== "tool") return claim;
        return { isStored: false, slot: { ...claim.slot, fill: () => Promise.reject(full) } };
      },
    };
    const agent = t.orchestra.researcher({ tools: [search(() => passages)] });
    await expect(agent.invoke(question, inRun(journal))).rejects.toBe(full);
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("does not change what a model gets of a failing tool", async () => {
    await using t = await startTestOrchestra();
    const failing = search(() => {
      throw new Error("archive closed");
    });
    const agent = t.orchestra.researcher({ tools: [failing] });
    const seen: string[] = [];
    for (const configurable of [{}, { journal: new MemoryJournal() }]) {
      await agent.invoke(question, { configurable });
      const told = (t.sandbox.books.entries.at(-1)?.body["messages"] ?? []) as {
        content: string;
      }[];
      seen.push(told.at(-1)?.content ?? "");
    }
    expect(seen[0]).toContain("archive closed\n Please fix your mistakes.");
    expect(seen[1]).toBe(seen[0]);
    const offSchema = await journaledTool(failing).invoke({ ...call("a"), args: { query: 1 } });
    expect((offSchema as ToolMessage).text).toContain("the arguments do not fit");
  });
});

describe("an agent with tools in a node of a checkpointed graph", () => {
  /** One node, in which an agent is asked; `after` is what the node does then. */
  async function start(work: SearchWork, after: (times: number) => void = () => undefined) {
    const t = await startTestOrchestra();
    const agent = t.orchestra.researcher({ tools: [search(work)] });
    const saver = new MemorySaver();
    let times = 0;
    const ask = async (_: object, config: LangGraphRunnableConfig) => {
      const first = await agent.invoke(question, config);
      const second = await agent.invoke({ task: `${question.task} Say the year.` }, config);
      after((times += 1));
      return { answers: [first, second].flatMap(({ claims }) => claims.map((c) => c.statement)) };
    };
    const graph = new StateGraph(z.object({ answers: z.array(z.string()).default([]) }))
      .addNode("ask", ask)
      .addEdge(START, "ask")
      .addEdge("ask", END)
      .compile({ checkpointer: saver });
    const namespaces = () => Object.keys(saver.storage["thread-1"] ?? {});
    return { ...t, graph, namespaces, [Symbol.asyncDispose]: () => t.sandbox.close() };
  }

  const inThread = (rest: object = {}) => ({
    configurable: { thread_id: "thread-1", run_id: "run-1", ...rest },
    durability: "sync" as const,
  });

  const answer = "The lighthouse of Vell was built in 1871.";

  test("can be called twice there, and has no checkpoints with a journal", async () => {
    await using t = await start(() => passages);
    const { answers } = await t.graph.invoke({}, inThread({ journal: new MemoryJournal() }));
    expect(answers).toEqual([answer, answer]);
    expect(t.sandbox.books.entries).toHaveLength(4);
    expect(t.namespaces()).toEqual([""]);
  });

  test("repeats neither calls nor tools when the node is run again", async () => {
    const keys: (string | undefined)[] = [];
    await using t = await start(
      (config) => {
        keys.push(idempotencyKeyOf(config));
        return passages;
      },
      (times) => {
        if (times === 1) throw new Error("crash");
      },
    );
    const journal = new MemoryJournal();
    await expect(t.graph.invoke({}, inThread({ journal }))).rejects.toThrow("crash");
    const requests = t.sandbox.books.entries.length;
    const state = await t.graph.invoke(null, inThread({ journal: journal.again() }));
    expect(state.answers).toEqual([answer, answer]);
    expect([requests, t.sandbox.books.entries.length]).toEqual([4, 4]);
    expect(new Set(keys).size).toBe(2);
    expect(keys).toHaveLength(2);
    expect(t.records).toHaveLength(4);
  });

  test("continues in the middle of an agent whose call failed", async () => {
    let searches = 0;
    await using t = await start(() => {
      if ((searches += 1) === 1) t.sandbox.order({ fault: "status", status: 401, times: 1 });
      return passages;
    });
    const journal = new MemoryJournal();
    await expect(t.graph.invoke({}, inThread({ journal }))).rejects.toMatchObject({
      code: "authentication_error",
    });
    const state = await t.graph.invoke(null, inThread({ journal: journal.again() }));
    expect(state.answers).toEqual([answer, answer]);
    expect(t.sandbox.books.totals()).toMatchObject({ requests: 5, succeeded: 4 });
    expect(searches).toBe(2);
  });

  test.each([
    ["with a journal", true],
    ["without one", false],
  ])("lets a tool ask a person by interrupt(), %s", async (_, hasJournal) => {
    const told: unknown[] = [];
    await using t = await start(() => {
      told.push(interrupt({ may: "search" }));
      return passages;
    });
    let journal = new MemoryJournal();
    const config = () => inThread(hasJournal ? { journal: (journal = journal.again()) } : {});
    const first: unknown = await t.graph.invoke({}, config());
    expect(isInterrupted(first) && first.__interrupt__[0]?.value).toEqual({ may: "search" });
    expect(t.sandbox.books.entries).toHaveLength(1);
    await t.graph.invoke(new Command({ resume: "yes" }), config());
    const { answers } = await t.graph.invoke(new Command({ resume: "again" }), config());
    expect(answers).toEqual([answer, answer]);
    expect(told).toEqual(["yes", "again"]);
    expect(t.sandbox.books.entries).toHaveLength(4);
  });
});
