import { Command, MemorySaver } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import type { Deliverable, Findings, ResearchTask, Review } from "../agents/index.ts";
import { researchValidateExecute, type PipelineState } from "./index.ts";

/** A pipeline with a checkpointer, whose steps fail where they are told to. */
function pipelineThat(options: { fails?: string[]; verdict?: Review["verdict"] } = {}) {
  const { fails = [], verdict = "approve" } = options;
  const asked: ResearchTask[] = [];
  const mayFail = (step: string) => {
    if (fails.includes(step)) throw new Error(`${step} failed`);
  };
  const pipeline = researchValidateExecute({
    researcher: (task: ResearchTask): Findings => {
      asked.push(task);
      mayFail("research");
      const evidence = { path: "a.md", line: 1, quote: task.task };
      const claims = [{ number: 1, statement: task.task, evidence }];
      return { task: task.task, claims, openQuestions: [] };
    },
    validator: (found): Review => ({
      ...found,
      verdict,
      issues: verdict === "approve" ? [] : [{ claim: 1, problem: "Not good" }],
      confidence: 1,
    }),
    executor: ({ task }: Review): Deliverable => {
      mayFail("execute");
      return { task, text: `Answer to ${task}`, citations: [] };
    },
    maxRevisions: 1,
    checkpointer: new MemorySaver(),
  });
  return { pipeline, asked, fails };
}

const thread = (more: object = {}) => ({ configurable: { thread_id: "thread-1", ...more } });
const stateOf = async ({ pipeline }: ReturnType<typeof pipelineThat>) =>
  (await pipeline.getState(thread())).values as PipelineState;

describe("a new task on a thread", () => {
  test("is a new run, with nothing of the one before", async () => {
    const t = pipelineThat();
    const first = await t.pipeline.invoke({ task: "one" }, thread());
    const second = await t.pipeline.invoke({ task: "two" }, thread());
    expect(second).toMatchObject({ status: "succeeded", answer: "Answer to two", revisions: 0 });
    expect(t.asked).toEqual([{ task: "one" }, { task: "two" }]);
    expect(second.runId).toBeTruthy();
    expect(second.runId).not.toBe(first.runId);
  });

  test("leaves no reasons and no revisions of a rejected run", async () => {
    const t = pipelineThat({ verdict: "revise" });
    const first = await t.pipeline.invoke({ task: "one" }, thread());
    expect(first).toMatchObject({ status: "rejected", revisions: 1 });
    const states: PipelineState[] = [];
    const config = { ...thread(), streamMode: "values" as const };
    for await (const state of await t.pipeline.stream({ task: "two" }, config)) states.push(state);
    expect(states[0]).toMatchObject({ task: "two", revisions: 0, reasons: [], answer: "" });
    expect(states[0]?.status).toBeUndefined();
    expect(states[0]?.review).toBeUndefined();
    expect(t.asked.map(({ previous }) => previous?.length ?? 0)).toEqual([0, 1, 0, 1]);
  });

  test("ends a run that waits for a person", async () => {
    const t = pipelineThat();
    await t.pipeline.invoke({ task: "one" }, thread({ approval: true }));
    const { runId } = await stateOf(t);
    const state = await t.pipeline.invoke({ task: "two" }, thread());
    expect(state).toMatchObject({ status: "succeeded", answer: "Answer to two" });
    expect(state.runId).not.toBe(runId);
    expect(t.asked).toHaveLength(2);
  });

  test("takes the ids that the caller gives, in the input or in configurable", async () => {
    const t = pipelineThat();
    await t.pipeline.invoke({ task: "one", runId: "run-1" }, thread());
    expect((await stateOf(t)).runId).toBe("run-1");
    await t.pipeline.invoke({ task: "two" }, thread({ run_id: "run-2" }));
    expect((await stateOf(t)).runId).toBe("run-2");
  });
});

describe("a run that was interrupted on a thread", () => {
  test.each(["research", "execute"])("stays the same run: in %s", async (step) => {
    const t = pipelineThat({ fails: [step] });
    await expect(t.pipeline.invoke({ task: "one" }, thread())).rejects.toThrow("failed");
    const { runId } = await stateOf(t);
    expect(runId).toBeTruthy();
    t.fails.pop();
    const state = await t.pipeline.invoke(null, thread());
    expect(state).toMatchObject({ status: "succeeded", answer: "Answer to one", runId });
  });

  test("stays the same run when a person has decided", async () => {
    const t = pipelineThat();
    await t.pipeline.invoke({ task: "one" }, thread({ approval: true }));
    const { runId } = await stateOf(t);
    const resume = new Command({ resume: { decision: "approve" } });
    const state = await t.pipeline.invoke(resume, thread({ approval: true }));
    expect(state).toMatchObject({ status: "succeeded", runId, approval: { decision: "approve" } });
    expect(t.asked).toHaveLength(1);
  });

  test("starts again with a task, under the same run_id where the caller gives it", async () => {
    const t = pipelineThat({ fails: ["execute"] });
    const config = thread({ run_id: "run-1" });
    await expect(t.pipeline.invoke({ task: "one" }, config)).rejects.toThrow("failed");
    t.fails.pop();
    const state = await t.pipeline.invoke({ task: "two" }, config);
    expect(state).toMatchObject({ answer: "Answer to two", runId: "run-1" });
    expect(t.asked).toEqual([{ task: "one" }, { task: "two" }]);
  });
});
