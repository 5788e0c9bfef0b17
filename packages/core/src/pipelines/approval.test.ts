import { RunnableLambda, type RunnableConfig } from "@langchain/core/runnables";
import {
  Command,
  END,
  isInterrupted,
  MemorySaver,
  START,
  StateGraph,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { Claim, Deliverable, Findings, ResearchTask, Review } from "../agents/index.ts";
import { completion } from "../completions/__fixtures__/completions.ts";
import { ArgumentError } from "../errors/index.ts";
import { json, startCompletions } from "../models/__fixtures__/completions-server.ts";
import type { OrchestraEvent } from "../usage/index.ts";
import { parseApprovalDecision, type ApprovalDecision } from "./approval-decision.ts";
import { researchValidateExecute } from "./research-validate-execute.ts";

const claim = (number: number): Claim => ({
  number,
  statement: `claim ${number}`,
  evidence: { path: "a.md", line: number, quote: `claim ${number}` },
});

const review: Review = {
  task: "T",
  claims: [claim(1), claim(2)],
  openQuestions: [],
  verdict: "approve",
  issues: [],
  confidence: 1,
};

/** The pipeline over steps that answer by script; `executed` is what the executor was given. */
function start({
  approval,
  hasCheckpointer = true,
}: {
  approval?: boolean;
  hasCheckpointer?: boolean;
}) {
  const researched: ResearchTask[] = [];
  const executed: Review[] = [];
  const saver = new MemorySaver();
  const graph = researchValidateExecute({
    researcher: RunnableLambda.from((input: ResearchTask): Findings => {
      researched.push(input);
      return review;
    }),
    validator: RunnableLambda.from((found: Findings): Review => ({ ...review, ...found })),
    executor: RunnableLambda.from((given: Review): Deliverable => {
      executed.push(given);
      const citations = given.claims.map(({ number, evidence }) => ({ number, ...evidence }));
      return { task: given.task, text: `${given.task} is done`, citations };
    }),
    ...(approval === undefined ? {} : { approval }),
    ...(hasCheckpointer ? { checkpointer: saver } : {}),
  });
  return { graph, saver, researched, executed };
}

const events: OrchestraEvent[] = [];
const config = (rest: object = {}) => ({
  configurable: {
    thread_id: "thread-1",
    run_id: "run-1",
    on_event: (event: OrchestraEvent) => events.push(event),
    ...rest,
  },
  durability: "sync" as const,
});

const resume = (decision: unknown) =>
  new Command<unknown, Record<string, unknown>, never>({ resume: decision });

describe("a run that waits for approval", () => {
  test.each([
    ["the option", { approval: true }, {}],
    ["the run's own wish", {}, { approval: true }],
  ])("is interrupted with the review, by %s", async (_, options, wish) => {
    const { graph, executed } = start(options);
    const state: unknown = await graph.invoke({ task: "T" }, config(wish));
    expect(isInterrupted(state) && state.__interrupt__.map(({ value }) => value)).toEqual([
      { type: "approval", review },
    ]);
    expect(executed).toEqual([]);
    expect((await graph.getState(config())).next).toEqual(["approve"]);
  });

  test.each([{}, { approval: false }])("is none unless it is asked for (%j)", async (wish) => {
    const { graph } = start({});
    await expect(graph.invoke({ task: "T" }, config(wish))).resolves.toMatchObject({
      status: "succeeded",
    });
  });

  test("continues when it is approved, and the state has who approved it", async () => {
    const { graph, executed, researched } = start({ approval: true });
    await graph.invoke({ task: "T" }, config());
    const decision: ApprovalDecision = { decision: "approve", by: "Ada", note: "Well found" };
    const state = await graph.invoke(resume(decision), config());
    expect(state).toMatchObject({ status: "succeeded", answer: "T is done", approval: decision });
    expect([executed, researched.length]).toEqual([[review], 1]);
  });

  test.each([
    ["Not before May", "Not before May"],
    [undefined, "A person rejected the findings"],
  ])("ends without a deliverable when it is rejected (%s)", async (reason, answer) => {
    const { graph, executed } = start({ approval: true });
    await graph.invoke({ task: "T" }, config());
    const decision = { decision: "reject", ...(reason === undefined ? {} : { reason }) };
    const state = await graph.invoke(resume(decision), config());
    expect(state).toMatchObject({
      status: "rejected",
      answer,
      reasons: [answer],
      citations: [],
      approval: decision,
    });
    expect(executed).toEqual([]);
  });

  test("executes what an edit made of the review; claims keep their numbers", async () => {
    const { graph, executed } = start({ approval: true });
    await graph.invoke({ task: "T" }, config());
    const edit = { task: "T, in short", claims: [{ ...claim(2), statement: "Claim two." }] };
    const state = await graph.invoke(
      resume({ decision: "edit", review: edit, by: "Ada" }),
      config(),
    );
    expect(executed).toEqual([{ ...review, ...edit }]);
    expect(state).toMatchObject({
      status: "succeeded",
      answer: "T, in short is done",
      citations: [{ number: 2, line: 2 }],
      review: edit,
      task: "T",
    });
  });

  test("is reported by two events: one for the wait, one for the decision", async () => {
    const { graph } = start({ approval: true });
    events.length = 0;
    const custom: unknown[] = [];
    for await (const chunk of await graph.stream(
      { task: "T" },
      { ...config(), streamMode: "custom" },
    ))
      custom.push(chunk);
    await graph.invoke(resume({ decision: "reject", reason: "No", by: "Ada" }), config());
    const request = { type: "approval-request", runId: "run-1", review };
    expect(custom).toEqual([request]);
    expect(events).toEqual([
      request,
      { type: "approval-decision", runId: "run-1", decision: "reject", by: "Ada", reason: "No" },
    ]);
  });

  test("fails on an invalid decision, reports its problem, and accepts another one", async () => {
    const { graph, executed } = start({ approval: true });
    await graph.invoke({ task: "T" }, config());
    const error: unknown = await graph
      .invoke(resume({ decision: "perhaps" }), config())
      .catch((thrown: unknown) => thrown);
    expect(ArgumentError.isInstance(error)).toBe(true);
    expect((error as Error).message).toMatch(/approval.*decision/s);
    expect((await graph.getState(config())).next).toEqual(["approve"]);
    const state = await graph.invoke(resume({ decision: "approve" }), config());
    expect([state.status, executed.length]).toEqual(["succeeded", 1]);
  });

  test("has a state that JSON holds", async () => {
    const { graph } = start({ approval: true });
    await graph.invoke({ task: "T" }, config());
    const edit = { decision: "edit", review: { openQuestions: ["Why?"] } };
    const state = await graph.invoke(resume(edit), config());
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    expectTypeOf(state.approval).toEqualTypeOf<ApprovalDecision | undefined>();
  });
});

describe("without a checkpointer", () => {
  test.each([
    ["the option", { approval: true, hasCheckpointer: false }, {}],
    ["the run's own wish", { hasCheckpointer: false }, { approval: true }],
  ])("a run that is to wait fails before anything is done (%s)", async (_, options, wish) => {
    const { graph, researched } = start(options);
    await expect(graph.invoke({ task: "T" }, config(wish))).rejects.toThrow("a checkpointer");
    expect(researched).toEqual([]);
  });

  /** The pipeline as a node of another graph. */
  function nested(checkpointer?: MemorySaver) {
    const { graph, ...rest } = start({ approval: true, hasCheckpointer: false });
    const outer = new StateGraph(z.object({ task: z.string(), answer: z.string().default("") }))
      .addNode("work", async ({ task }, given: LangGraphRunnableConfig) => {
        const { answer } = await graph.invoke({ task }, given);
        return { answer };
      })
      .addEdge(START, "work")
      .addEdge("work", END)
      .compile(checkpointer ? { checkpointer } : {});
    return { outer, ...rest };
  }

  test("of its own, a pipeline inside another graph waits in that one's", async () => {
    const { outer, researched } = nested(new MemorySaver());
    expect(isInterrupted(await outer.invoke({ task: "T" }, config()))).toBe(true);
    const state = await outer.invoke(resume({ decision: "approve" }), config());
    expect([state.answer, researched.length]).toEqual(["T is done", 1]);
  });

  test("anywhere, a pipeline inside another graph reports that it needs one", async () => {
    const { outer, executed } = nested();
    await expect(outer.invoke({ task: "T" }, config())).rejects.toThrow("a checkpointer");
    expect(executed).toEqual([]);
  });
});

describe("a listener that fails", () => {
  test.each([
    [
      "by throwing",
      () => {
        throw new Error("no disk");
      },
    ],
    ["by a promise", () => Promise.reject(new Error("no disk"))],
  ])("%s is a warning, and the run continues", async (_, on_event) => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => void warnings.push(message);
    const rejections: unknown[] = [];
    const onRejection = (error: unknown) => void rejections.push(error);
    process.on("warning", onWarning).on("unhandledRejection", onRejection);
    try {
      const { graph } = start({ approval: true });
      expect(isInterrupted(await graph.invoke({ task: "T" }, config({ on_event })))).toBe(true);
      const state = await graph.invoke(resume({ decision: "approve" }), config({ on_event }));
      expect(state.answer).toBe("T is done");
      await new Promise(setImmediate);
    } finally {
      process.off("warning", onWarning).off("unhandledRejection", onRejection);
    }
    expect(rejections).toEqual([]);
    expect(warnings).toContain("A listener threw an error, which is ignored: no disk");
  });
});

test("an error of a run's listener is logged with the events of its calls", async () => {
  const warnings: unknown[] = [];
  const warn = (message: string, fields?: object) => warnings.push({ message, ...fields });
  const rejections: unknown[] = [];
  const onRejection = (error: unknown) => void rejections.push(error);
  process.on("unhandledRejection", onRejection);
  try {
    await using t = await startCompletions([json(completion())], {
      logger: { error() {}, warn, info() {}, debug() {} },
    });
    const graph = researchValidateExecute({
      researcher: async (_: ResearchTask, given: RunnableConfig): Promise<Findings> => {
        await t.orchestra.model.invoke("Hello", given);
        return review;
      },
      validator: (found: Findings): Review => ({ ...review, ...found }),
      executor: ({ task }: Review): Deliverable => ({ task, text: "Done", citations: [] }),
    });
    const on_event = () => Promise.reject(new Error("no disk"));
    const state = await graph.invoke({ task: "T" }, { configurable: { on_event } });
    expect(state.answer).toBe("Done");
    await new Promise(setImmediate);
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  expect(rejections).toEqual([]);
  expect(warnings).toContainEqual({
    message: "A listener threw an error, which is ignored",
    error: "no disk",
  });
});

describe("a person's decision", () => {
  test.each<ApprovalDecision>([
    { decision: "approve" },
    { decision: "reject", by: "Ada", reason: "No" },
    { decision: "edit", review: { claims: [claim(3), claim(7)] }, note: "Two are enough" },
  ])("is accepted unchanged: %j", (decision) => {
    expect(parseApprovalDecision(decision)).toEqual(decision);
  });

  test.each([
    ["nothing", undefined, "expected object"],
    ["a word", "approve", 'Expected { decision: "approve", by, note }'],
    ["an unknown decision", { decision: "maybe" }, "decision"],
    ["an unknown field", { decision: "approve", reason: "x" }, "reason"],
    ["a field of another type", { decision: "reject", by: 7 }, "by"],
    ["an edit of nothing", { decision: "edit", review: {} }, "an edit changes"],
    ["an edit without a review", { decision: "edit" }, "review"],
    ["an edit of the verdict", { decision: "edit", review: { verdict: "reject" } }, "verdict"],
    ["an empty task", { decision: "edit", review: { task: "" } }, "the task is empty"],
    ["no claims", { decision: "edit", review: { claims: [] } }, "reject instead"],
    [
      "one number twice",
      { decision: "edit", review: { claims: [claim(1), claim(1)] } },
      "two claims have the same number",
    ],
    [
      "a claim without a number",
      { decision: "edit", review: { claims: [{ ...claim(1), number: undefined }] } },
      "review.claims[0].number",
    ],
  ])("is refused with what is wrong: %s", (_, decision, problem) => {
    let thrown: unknown;
    try {
      parseApprovalDecision(decision);
    } catch (error) {
      thrown = error;
    }
    expect(ArgumentError.isInstance(thrown)).toBe(true);
    expect((thrown as Error).message).toContain(problem);
  });
});
