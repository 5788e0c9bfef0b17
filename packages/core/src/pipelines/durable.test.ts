import type { RunnableConfig } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import {
  END,
  MemorySaver,
  START,
  StateGraph,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { idempotencyKeyOf } from "../agents/index.ts";
import {
  MemoryJournal,
  type Journal,
  type JournalClaim,
  type JournalEntry,
} from "../journal/index.ts";
import { startTestOrchestra, type TestOptions } from "../test-support/test-orchestra.ts";
import { researchValidateExecute } from "./research-validate-execute.ts";

const question = { task: "When was the lighthouse of Vell built?" };

const passages = JSON.stringify({
  passages: [{ path: "vell.md", line: 3, text: "The lighthouse of Vell was built in 1871." }],
});

const inRun = (journal: Journal) => ({
  configurable: { thread_id: "thread-1", run_id: "run-1", journal },
  durability: "sync" as const,
});

/** The pipeline over real agents, the researcher with one tool. */
async function pipeline(options: TestOptions = {}) {
  const t = await startTestOrchestra(options);
  const keys: (string | undefined)[] = [];
  const search = tool(
    (_: { query: string }, config: RunnableConfig) => {
      keys.push(idempotencyKeyOf(config));
      return passages;
    },
    {
      name: "search",
      description: "Searches the archive",
      schema: z.object({ query: z.string() }),
    },
  );
  const { orchestra } = t;
  const graph = researchValidateExecute({
    researcher: orchestra.researcher({ tools: [search] }),
    validator: orchestra.validator(),
    executor: orchestra.executor(),
    checkpointer: new MemorySaver(),
  });
  return { ...t, graph, keys, [Symbol.asyncDispose]: () => t.sandbox.close() };
}

const crash = new Error("The process died");

type Moment = "before" | "after";

/** The claim of an entry, and what happens when its value is there: stored before, or filled now. */
async function claimThen(
  journal: Journal,
  entry: JournalEntry,
  then: () => void | Promise<void>,
): Promise<JournalClaim> {
  const claim = await journal.claim(entry);
  if (claim.isStored) {
    await then();
    return claim;
  }
  const fill = async (value: unknown) => {
    await claim.slot.fill(value);
    await then();
  };
  return { isStored: false, slot: { ...claim.slot, fill } };
}

/** A journal that fails from an entry on: before its work, or after its value is stored. */
function failing(journal: Journal, at: number, moment: Moment): Journal {
  let claims = 0;
  return {
    async claim(entry) {
      claims += 1;
      if (claims === at && moment === "before") throw crash;
      return claimThen(journal, entry, () => {
        if (claims >= at) throw crash;
      });
    },
  };
}

/** The journal of a process that is killed at an entry: its promises never settle. */
function dying(journal: Journal, at: number, moment: Moment) {
  const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
  const die = () => {
    kill();
    return new Promise<never>(() => {});
  };
  let claims = 0;
  const claim: Journal["claim"] = async (entry) => {
    claims += 1;
    if (claims === at && moment === "before") return die();
    return claimThen(journal, entry, async () => {
      if (claims >= at) await die();
    });
  };
  return { journal: { claim }, killed };
}

/** Entries of a run that goes through: two calls and a tool of the researcher, then one call each. */
const crashes = [1, 2, 3, 4, 5].flatMap((at) => [[at, "before"] as const, [at, "after"] as const]);

describe("a run that continues after a crash", () => {
  /** Goes on, looks at what was done in all, and gives the answer. */
  async function goOn(t: Awaited<ReturnType<typeof pipeline>>, journal: MemoryJournal) {
    const state = await t.graph.invoke(null, inRun(journal.again()));
    expect(state).toMatchObject({ status: "succeeded", citations: [{ path: "vell.md" }] });
    expect(t.sandbox.books.totals()).toMatchObject({ requests: 4, succeeded: 4 });
    expect([t.records.length, t.keys.length, journal.size]).toEqual([4, 1, 5]);
    const { costUsd } = t.sandbox.books.totals();
    expect(t.orchestra.ledger.run("run-1").costUsd).toBeCloseTo(costUsd, 12);
    return state.answer;
  }

  test.each(crashes)(
    "killed at entry %i, %s it is kept, makes only the calls that were not made",
    async (at, moment) => {
      await using t = await pipeline();
      const journal = new MemoryJournal();
      const process = dying(journal, at, moment);
      void t.graph.invoke(question, inRun(process.journal));
      await process.killed;
      expect(await goOn(t, journal)).toContain("1871");
    },
  );

  test.each(crashes)(
    "failed at entry %i, %s it is kept, makes only the calls that were not made",
    async (at, moment) => {
      await using t = await pipeline();
      const journal = new MemoryJournal();
      await expect(t.graph.invoke(question, inRun(failing(journal, at, moment)))).rejects.toBe(
        crash,
      );
      expect(await goOn(t, journal)).toContain("1871");
    },
  );

  test("more than once makes each call once still", async () => {
    await using t = await pipeline();
    const journal = new MemoryJournal();
    await expect(t.graph.invoke(question, inRun(failing(journal, 1, "after")))).rejects.toBe(crash);
    for (const at of [1, 2])
      await expect(t.graph.invoke(null, inRun(failing(journal.again(), at, "after")))).rejects.toBe(
        crash,
      );
    const state = await t.graph.invoke(null, inRun(journal.again()));
    expect(state.status).toBe("succeeded");
    expect([t.sandbox.books.entries.length, t.keys.length]).toEqual([4, 1]);
  });

  test("repeats at most the one call whose answer could not be kept", async () => {
    await using t = await pipeline();
    const journal = new MemoryJournal();
    let fills = 0;
    const full: Journal = {
      async claim(entry) {
        const claim = await journal.claim(entry);
        if (claim.isStored) return claim;
        const fill = async (value: unknown) => {
          if ((fills += 1) === 4) throw crash;
          await claim.slot.fill(value);
        };
        return { isStored: false, slot: { ...claim.slot, fill } };
      },
    };
    await expect(t.graph.invoke(question, inRun(full))).rejects.toBe(crash);
    await t.graph.invoke(null, inRun(journal.again()));
    expect(t.sandbox.books.entries).toHaveLength(5);
  });

  test("finds its calls too where it was streamed before, and is not now", async () => {
    await using t = await pipeline();
    const journal = new MemoryJournal();
    const streamed = async () => {
      const stream = await t.graph.stream(question, {
        ...inRun(failing(journal, 5, "after")),
        streamMode: ["messages", "updates", "custom"],
      });
      for await (const _ of stream);
    };
    await expect(streamed()).rejects.toBe(crash);
    const state = await t.graph.invoke(null, inRun(journal.again()));
    expect(state.status).toBe("succeeded");
    expect(t.sandbox.books.entries).toHaveLength(4);
  });

  test("replays in the node that crashed, and in no other", async () => {
    await using t = await pipeline();
    const journal = new MemoryJournal();
    await expect(t.graph.invoke(question, inRun(failing(journal, 4, "after")))).rejects.toBe(crash);
    await t.graph.invoke(null, inRun(journal.again()));
    const replayed = t.events.filter(({ type }) => type === "call-replay");
    expect(replayed).toMatchObject([{ role: "validator", runId: "run-1" }]);
  });
});

describe("the entries of a run", () => {
  test("are identified by node and task, wherever in the node they are made", async () => {
    await using t = await pipeline();
    const seen: JournalEntry[] = [];
    const journal: Journal = {
      claim(entry) {
        seen.push(entry);
        return new MemoryJournal().claim(entry);
      },
    };
    await t.graph.invoke(question, inRun(journal));
    expect(seen.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "call researcher",
      "tool search",
      "call researcher",
      "call validator",
      "call executor",
    ]);
    const steps = [...new Set(seen.map(({ step }) => step))];
    expect(steps.map((step) => step.split(":")[0])).toEqual(["research", "validate", "execute"]);
    for (const step of steps) expect(step).toMatch(/^\w+:[\da-f-]{36}$/);
  });

  test("are new ones in a further round through the same node: the model is asked again", async () => {
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [0, 1, 2].map((sequenceIndex) => ({
          match: { userMessage: "Roll", sequenceIndex },
          response: { content: String(sequenceIndex) },
        })),
      },
    });
    let left = 1;
    const roll = async ({ rolled }: { rolled: string[] }, config: LangGraphRunnableConfig) => {
      const { text } = await t.orchestra.model.invoke("Roll", config);
      if (rolled.length === 1 && (left -= 1) === 0) throw crash;
      return { rolled: [...rolled, text] };
    };
    const graph = new StateGraph(z.object({ rolled: z.array(z.string()).default([]) }))
      .addNode("roll", roll)
      .addEdge(START, "roll")
      .addConditionalEdges("roll", ({ rolled }) => (rolled.length < 3 ? "roll" : END))
      .compile({ checkpointer: new MemorySaver() });
    const journal = new MemoryJournal();
    await expect(graph.invoke({}, inRun(journal))).rejects.toBe(crash);
    const { rolled } = await graph.invoke(null, inRun(journal.again()));
    expect(rolled).toEqual(["0", "1", "2"]);
    expect(t.sandbox.books.entries).toHaveLength(3);
  });

  test("that are identical and made at once each have a place", async () => {
    await using t = await startTestOrchestra();
    let left = 1;
    const ask = async (_: object, config: LangGraphRunnableConfig) => {
      const messages = await t.orchestra.model.batch(["Hello", "Hello", "Hello"], config);
      if ((left -= 1) === 0) throw crash;
      return { texts: messages.map(({ text }) => text) };
    };
    const graph = new StateGraph(z.object({ texts: z.array(z.string()).default([]) }))
      .addNode("ask", ask)
      .addEdge(START, "ask")
      .addEdge("ask", END)
      .compile({ checkpointer: new MemorySaver() });
    const journal = new MemoryJournal();
    await expect(graph.invoke({}, inRun(journal))).rejects.toBe(crash);
    expect(journal.size).toBe(3);
    const { texts } = await graph.invoke(null, inRun(journal.again()));
    expect(texts).toHaveLength(3);
    expect(t.sandbox.books.entries).toHaveLength(3);
    expect(t.events.filter(({ type }) => type === "call-replay")).toHaveLength(3);
  });
});

test("a caller's abort during a run keeps the finished steps, and nothing of the call in flight", async () => {
  await using t = await pipeline();
  const journal = new MemoryJournal();
  const caller = new AbortController();
  t.sandbox.order({ fault: "hang", after: 2, times: 1 });
  const run = t.graph.invoke(question, { ...inRun(journal), signal: caller.signal });
  await expect.poll(() => t.sandbox.books.entries.length).toBe(3);
  caller.abort();
  await expect(run).rejects.toThrow(/abort/i);
  expect(journal.size).toBe(3);
  const state = await t.graph.invoke(null, inRun(journal.again()));
  expect(state.status).toBe("succeeded");
  expect(t.sandbox.books.totals()).toMatchObject({ requests: 5, succeeded: 4, aborted: 1 });
});
