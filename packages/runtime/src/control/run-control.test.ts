import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunnableLambda } from "@langchain/core/runnables";
import { interrupt, START, StateGraph } from "@langchain/langgraph";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { definePipeline } from "../pipelines/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { noKey, question, startTestRuntime } from "../test-support/test-runtime.ts";

describeServerFirst("a runtime", (open) => {
  test("cancels a run in the queue, and one in progress", async () => {
    const aborted: unknown[] = [];
    const slow = definePipeline({
      name: "slow",
      create: () =>
        RunnableLambda.from(
          (_: unknown, { signal }: { signal?: AbortSignal }) =>
            new Promise((_resolve, reject) => {
              signal?.addEventListener("abort", () => {
                aborted.push(signal.reason);
                reject(signal.reason as Error);
              });
            }),
        ),
    });
    await using t = await startTestRuntime({ database: await open(), pipelines: [slow] });
    const { runtime } = t;
    const queued = await runtime.start("slow", 1);
    expect(await runtime.cancel(queued.id, "not needed")).toMatchObject({
      status: "cancelled",
      cancelReason: "not needed",
    });
    await runtime.work();
    const running = await runtime.start("slow", 2);
    await expect.poll(async () => (await runtime.get(running.id)).status).toBe("running");
    await runtime.cancel(running.id);
    expect(await runtime.wait(running.id)).toMatchObject({ status: "cancelled" });
    expect(aborted).toHaveLength(1);
    await runtime.cancel(running.id);
    const done = await runtime.start("slow", 3, { deadline: new Date(Date.now() - 1) });
    expect(await runtime.wait(done.id)).toMatchObject({
      status: "failed",
      error: { code: "deadline_exceeded" },
    });
    await expect(runtime.cancel(done.id)).rejects.toThrow(
      /has failed and can no longer be cancelled/,
    );
    await expect(runtime.retry(done.id)).rejects.toThrow(/The deadline of run .* has passed/);
    await expect(runtime.resume(done.id)).rejects.toThrow(/The deadline of run .* has passed/);
    expect(await runtime.get(done.id)).toMatchObject({ status: "failed" });
  });

  test("deletes a run that has ended with all that is kept of it", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    await runtime.work();
    const run = await runtime.start("answer", question);
    await runtime.wait(run.id);
    await runtime.delete(run.id);
    await expect(runtime.get(run.id)).rejects.toThrow(/no run/);
    const { database } = runtime;
    for (const table of ["events", "journal", "checkpoints", "checkpoint_writes"]) {
      expect(await database.query(`SELECT 1 FROM "${database.schema}".${table}`)).toEqual([]);
    }
    const queued = await runtime.start("answer", question, {
      deadline: new Date(Date.now() + 9e9),
    });
    await runtime.cancel(queued.id).catch(() => undefined);
  });

  test("deletes what ended longer ago than it is kept, and keeps the rest", async () => {
    const artifactsDir = await mkdtemp(join(tmpdir(), "orchestra-artifacts-"));
    onTestFinished(() => rm(artifactsDir, { recursive: true }));
    await using t = await startTestRuntime({
      database: await open(),
      environment: { LLM_BUDGET_TOKENS_PER_RUN: "1000000" },
    });
    await t.runtime.work();
    const ended = await t.runtime.start("answer", question);
    await t.runtime.wait(ended.id);
    const waiting = await t.runtime.start("answer", question, { approval: true });
    await expect.poll(async () => (await t.runtime.get(waiting.id)).status).toBe("waiting");
    const { database } = t.runtime;
    const booked = () =>
      database.query(`SELECT id FROM "${database.schema}".budget_accounts WHERE scope = 'run'`);
    expect(await booked()).toHaveLength(2);

    for (const { id } of [ended, waiting])
      await mkdir(join(artifactsDir, id, "a"), { recursive: true });
    const forgetful = await t.another({ settings: { artifactsDir, retentionDays: 1e-9 } });
    await database.query(`UPDATE "${database.schema}".locks SET done_at = NULL`);
    await forgetful.work();
    await expect
      .poll(async () => (await forgetful.list()).runs.map(({ id }) => id))
      .toEqual([waiting.id]);
    await expect.poll(booked).toEqual([{ id: waiting.id }]);
    expect(await readdir(artifactsDir)).toEqual([waiting.id]);
  });

  test("waits for an approval without a worker, and continues on any worker", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    const first = await runtime.work({ name: "first" });
    const run = await runtime.start("answer", question, { approval: true });
    await expect.poll(async () => (await runtime.get(run.id)).status).toBe("waiting");
    expect(await runtime.get(run.id)).toMatchObject({
      waiting: {
        for: "approval",
        interrupts: [
          { value: { type: "approval", review: { verdict: "approve" } }, step: "approve" },
        ],
      },
    });
    await expect.poll(() => first.active).toBe(0);
    await first.drain();
    await expect(runtime.decide(run.id, { decision: "perhaps" })).rejects.toThrow(/approval/);

    const before = sandbox.books.entries.length;
    await runtime.approve(run.id, { by: "Ada" });
    await expect(runtime.approve(run.id)).rejects.toThrow(/does not wait for a decision/);
    await runtime.work({ name: "second" });
    const done = await runtime.wait(run.id);
    expect(done).toMatchObject({
      status: "succeeded",
      worker: "second",
      output: { approval: { decision: "approve", by: "Ada" } },
    });
    expect(sandbox.books.entries.length - before).toBe(1);
  });

  test("ends what a person rejects, and executes what a person edits", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    await runtime.work();
    const start = () => runtime.start("answer", question, { approval: true });
    const waiting = async (id: string) =>
      expect.poll(async () => (await runtime.get(id)).status).toBe("waiting");

    const rejected = await start();
    await waiting(rejected.id);
    await runtime.reject(rejected.id, { reason: "not now" });
    expect(await runtime.wait(rejected.id)).toMatchObject({
      status: "rejected",
      output: { answer: "not now" },
    });
    await expect(runtime.cancel(rejected.id)).rejects.toThrow(/ was rejected and can no longer/);

    const edited = await start();
    await waiting(edited.id);
    await runtime.edit(edited.id, { review: { task: "Say when it was built" } });
    expect(await runtime.wait(edited.id)).toMatchObject({ status: "succeeded" });

    const cancelledOne = await start();
    await waiting(cancelledOne.id);
    expect(await runtime.cancel(cancelledOne.id)).toMatchObject({ status: "cancelled" });
    await expect(runtime.approve(cancelledOne.id)).rejects.toThrow(/was cancelled/);
  });

  test("does not take an approval or a rejection as the answer to a pipeline's own question", async () => {
    const State = z.object({ answer: z.string().default("") });
    const asking = definePipeline({
      name: "asking",
      create: ({ checkpointer }) =>
        new StateGraph(State)
          .addNode("ask", () => ({ answer: String(interrupt("Publish?")) }))
          .addEdge(START, "ask")
          .compile({ checkpointer }),
    });
    await using t = await startTestRuntime({ database: await open(), pipelines: [asking] });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("asking", {});
    await expect.poll(async () => (await runtime.get(id)).status).toBe("waiting");
    const problem = /waits for an answer to the question of step ask, not for an approval: use/;
    await expect(runtime.approve(id)).rejects.toThrow(problem);
    await expect(runtime.reject(id)).rejects.toThrow(problem);
    await expect(runtime.edit(id, { review: { task: "other" } })).rejects.toThrow(problem);
    await runtime.decide(id, "yes");
    expect(await runtime.wait(id)).toMatchObject({ output: { answer: "yes" } });
  });

  test("does a run again from a step, and pays for that alone", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    await runtime.work();
    const run = await runtime.wait((await runtime.start("answer", question)).id);
    const before = sandbox.books.entries.length;
    const withoutKey = await t.another({ environment: noKey });
    await withoutKey.retry(run.id, { from: "validate" });
    const again = await runtime.wait(run.id);
    expect(again).toMatchObject({ status: "succeeded", executions: 2 });
    // The validator's call and the executor's.
    expect(sandbox.books.entries.length - before).toBe(2);
    await expect(runtime.retry(run.id, { from: "publish" })).rejects.toThrow(
      /did not reach the step "publish": expected one of its steps: research, validate, execute/,
    );
    await runtime.retry(run.id);
    expect(await runtime.wait(run.id)).toMatchObject({ status: "succeeded", executions: 3 });
    expect(sandbox.books.entries.length).toBe(2 * before + 2);
  });
});
