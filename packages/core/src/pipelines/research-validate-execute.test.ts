import { getEventListeners } from "node:events";
import { RunnableLambda } from "@langchain/core/runnables";
import { describe, expect, test } from "vitest";
import type { Deliverable, Findings, ResearchTask, Review, Verdict } from "../agents/index.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import type { OrchestraEvent } from "../usage/index.ts";
import { researchValidateExecute } from "./research-validate-execute.ts";

/** Steps that answer by script, so that only the graph is under test. */
function scripted(verdicts: readonly Verdict[]) {
  const asked: ResearchTask[] = [];
  const left = [...verdicts];
  const findings = (task: string, round: number): Findings => ({
    task,
    claims: [
      {
        number: 1,
        statement: `round ${round}`,
        evidence: { path: "a.md", line: round, quote: `round ${round}` },
      },
    ],
    openQuestions: [],
  });
  return {
    asked,
    researcher: RunnableLambda.from((input: ResearchTask) => {
      asked.push(input);
      return findings(input.task, asked.length);
    }),
    validator: RunnableLambda.from((found: Findings): Review => {
      const verdict = left.shift();
      if (!verdict) throw new Error("The validator was asked once too often");
      const issues = verdict === "approve" ? [] : [{ claim: 1, problem: `${verdict}, please` }];
      return { ...found, verdict, issues, confidence: 1 };
    }),
    executor: RunnableLambda.from(({ task, claims }: Review): Deliverable => ({
      task,
      text: claims[0]?.statement ?? "",
      citations: claims.map(({ number, evidence }) => ({ number, ...evidence })),
    })),
  };
}

describe("researchValidateExecute", () => {
  test("delivers what the validator approves", async () => {
    const state = await researchValidateExecute(scripted(["approve"])).invoke({ task: "T" });
    expect(state).toMatchObject({
      status: "succeeded",
      answer: "round 1",
      citations: [{ number: 1, path: "a.md", line: 1 }],
      revisions: 0,
    });
    expect(state.runId).toBeTruthy();
  });

  test("sends findings back with their issues, then delivers the corrected ones", async () => {
    const steps = scripted(["revise", "approve"]);
    const state = await researchValidateExecute(steps).invoke({ task: "T" });
    expect(state).toMatchObject({ status: "succeeded", answer: "round 2", revisions: 1 });
    expect(steps.asked[1]).toMatchObject({
      task: "T",
      previous: [{ statement: "round 1" }],
      issues: [{ problem: "revise, please" }],
    });
  });

  test.each([
    [undefined, 3],
    [0, 1],
    [1, 2],
  ])("ends after maxRevisions (%s) with the reasons", async (maxRevisions, rounds) => {
    const steps = scripted(["revise", "revise", "revise"]);
    const graph = researchValidateExecute({
      ...steps,
      ...(maxRevisions === undefined ? {} : { maxRevisions }),
    });
    const state = await graph.invoke({ task: "T" });
    expect(steps.asked).toHaveLength(rounds);
    expect(state).toMatchObject({ status: "rejected", answer: "revise, please", citations: [] });
    expect(state.reasons).toContain("revise, please");
  });

  test("ends at once on reject", async () => {
    const steps = scripted(["reject"]);
    const state = await researchValidateExecute(steps).invoke({ task: "T" });
    expect(state).toMatchObject({ status: "rejected", reasons: ["reject, please"] });
    expect(steps.asked).toHaveLength(1);
  });
});

describe("over real agents", () => {
  const archive = {
    passages: [{ path: "vell.md", line: 3, text: "The lighthouse of Vell was built in 1871." }],
  };
  const question = { task: "When was the lighthouse of Vell built?" };

  async function pipeline(options: Parameters<typeof startTestOrchestra>[0] = {}) {
    const { tool } = await import("@langchain/core/tools");
    const { z } = await import("zod");
    const t = await startTestOrchestra(options);
    const search = tool(() => JSON.stringify(archive), {
      name: "search",
      description: "Searches the archive",
      schema: z.object({ query: z.string() }),
    });
    const { orchestra } = t;
    const graph = researchValidateExecute({
      researcher: orchestra.researcher({ tools: [search] }),
      validator: orchestra.validator(),
      executor: orchestra.executor(),
    });
    return { ...t, graph, [Symbol.asyncDispose]: () => t.sandbox.close() };
  }

  test("streams what happens, and every call belongs to one run", async () => {
    await using t = await pipeline();
    const events: OrchestraEvent[] = [];
    const steps: string[] = [];
    const stream = await t.graph.stream(question, {
      streamMode: ["updates", "custom"],
      configurable: { run_id: "run-7" },
    });
    for await (const [mode, chunk] of stream) {
      if (mode === "custom") events.push(chunk as OrchestraEvent);
      else steps.push(...Object.keys(chunk));
    }
    expect(steps).toEqual(["research", "validate", "execute"]);
    expect(
      events
        .filter(({ type }) => type === "agent-start")
        .map((event) => "role" in event && event.role),
    ).toEqual(["researcher", "validator", "executor"]);
    const text = events.flatMap((event) =>
      event.type === "text-delta" && event.role === "executor" ? [event.text] : [],
    );
    expect(text.join("")).toMatch(/^The lighthouse of Vell was built in 1871 \[1\]\.$/);
    const objects = events.filter(({ type }) => type === "object-delta");
    expect(objects).toContainEqual(
      expect.objectContaining({ role: "validator", partial: expect.objectContaining({}) }),
    );
    const others = events.filter(
      (event) => event.type === "text-delta" && event.role !== "executor",
    );
    expect(others).toEqual([]);
    expect(new Set(t.records.map(({ runId }) => runId))).toEqual(new Set(["run-7"]));
    expect(t.orchestra.ledger.run("run-7").costUsd).toBeCloseTo(
      t.sandbox.books.totals().costUsd,
      12,
    );
  });

  test("stops at the caller's signal, in the middle of a call", async () => {
    await using t = await pipeline();
    t.sandbox.order({ fault: "hang" });
    const caller = new AbortController();
    const run = t.graph.invoke(question, { signal: caller.signal });
    await expect.poll(() => t.sandbox.books.entries.length).toBe(1);
    caller.abort();
    await expect(run).rejects.toThrow(/abort/i);
    await expect.poll(() => t.records.map(({ status }) => status)).toEqual(["aborted"]);
    await expect.poll(() => t.sandbox.books.entries[0]?.aborted).toBe(true);
  });

  type Graph = Awaited<ReturnType<typeof pipeline>>["graph"];
  type Config = { readonly signal: AbortSignal };
  const starts: [string, (graph: Graph, config: Config) => Promise<unknown>][] = [
    ["invoke", (graph, config) => graph.invoke(question, config)],
    ["stream", async (graph, config) => Array.fromAsync(await graph.stream(question, config))],
    ["a stream that is not read", (graph, config) => graph.stream(question, config)],
    [
      "streamEvents",
      (graph, config) =>
        Array.fromAsync(graph.streamEvents(question, { ...config, version: "v2" })),
    ],
  ];

  test.each(starts)("leaves nothing on a signal that outlives the run: %s", async (_, start) => {
    await using t = await pipeline();
    const { signal } = new AbortController();
    await start(t.graph, { signal });
    await expect.poll(() => getEventListeners(signal, "abort").length).toBe(0);
  });
});
