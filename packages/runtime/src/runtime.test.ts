import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunnableLambda } from "@langchain/core/runnables";
import { Annotation, START, StateGraph } from "@langchain/langgraph";
import { DIALECTS, dialectModel } from "@orchestra/sandbox";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RunEvent } from "./events/index.ts";
import { definePipeline, type Pipeline } from "./pipelines/index.ts";
import { describeServerFirst, openOnServer } from "./test-support/databases.ts";
import { noKey, question, startTestRuntime } from "./test-support/test-runtime.ts";

/** A pipeline of one function. */
function pipelineOf(name: string, work: (input: never) => unknown): Pipeline {
  return definePipeline({ name, create: () => RunnableLambda.from(work as never) });
}

const quiet = () => undefined;
const silent = { error: quiet, warn: quiet, info: quiet, debug: quiet };

/** Code with a mistake. */
function brokenWork(task: string): never {
  throw new TypeError(`Cannot read properties of ${task}`);
}

async function collected(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  return Array.fromAsync(events);
}

describeServerFirst("a runtime", (open) => {
  test("runs a pipeline to its end, and tells all of it", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    await runtime.work();
    const run = await runtime.start("answer", question);
    expect(run).toMatchObject({ pipeline: "answer", status: "queued", input: question });
    const events = await collected(runtime.events(run.id));
    expect(await runtime.get(run.id)).toMatchObject({
      status: "succeeded",
      output: { status: "succeeded", answer: expect.stringContaining("1871") },
      executions: 1,
    });
    const numbers = events.flatMap(({ number }) => number ?? []);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe("run-queued");
    expect(types[1]).toBe("run-start");
    expect(types.at(-1)).toBe("run-end");
    expect(events.flatMap((event) => (event.type === "step-end" ? [event.step] : []))).toEqual([
      "research",
      "validate",
      "execute",
    ]);
    expect(t.errors).toEqual([]);
  });

  test("books what the calls of a run took, to the sandbox's own figures", async () => {
    await using t = await startTestRuntime({ database: await open() });
    await t.runtime.work();
    const { usage } = await t.runtime.wait((await t.runtime.start("answer", question)).id);
    const books = t.sandbox.books.totals();
    expect(usage.calls).toBeGreaterThan(2);
    expect(usage.promptTokens).toBe(books.promptTokens);
    expect(usage.completionTokens).toBe(books.completionTokens);
    expect(usage.costUsd).toBeCloseTo(books.costUsd, 12);
  });

  test("counts the requests of a run that no server tells the usage of", async () => {
    const silent = DIALECTS.find(({ name }) => name === "usage-missing");
    await using t = await startTestRuntime({
      database: await open(),
      environment: { OPENROUTER_DEFAULT_MODEL: dialectModel(silent!) },
    });
    await t.runtime.work();
    const { id, usage } = await t.runtime.wait((await t.runtime.start("answer", question)).id);
    expect(usage.attempts).toBeGreaterThan(2);
    expect(usage).toMatchObject({
      unknownUsageAttempts: usage.attempts,
      unknownCostAttempts: usage.attempts,
      costUsd: 0,
    });
    const { runs } = await t.runtime.list();
    expect(runs.find((run) => run.id === id)?.usage).toEqual(usage);
  });

  test("counts a request no longer when it becomes known what it cost", async () => {
    await using t = await startTestRuntime({ database: await open() });
    t.sandbox.order({ fault: "error-mid-stream", times: 1 });
    await t.runtime.work();
    const { id } = await t.runtime.wait((await t.runtime.start("answer", question)).id);
    const ends = (await collected(t.runtime.events(id))).filter(({ type }) => type === "call-end");
    expect(ends).toContainEqual(
      expect.objectContaining({ record: expect.objectContaining({ unknownCostAttempts: 1 }) }),
    );
    await expect.poll(async () => (await t.runtime.get(id)).usage.unknownCostAttempts).toBe(0);
    const { usage } = await t.runtime.get(id);
    expect(usage.unknownUsageAttempts).toBe(0);
    expect(usage.costUsd).toBeCloseTo(t.sandbox.books.totals().costUsd, 12);
  });

  test("says what is wrong with an input or a name, and starts nothing", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    await expect(runtime.start("answer", { task: "" })).rejects.toThrow(/answer cannot use this/);
    await expect(runtime.start("anser", question)).rejects.toThrow(
      'There is no pipeline "anser" (did you mean answer?); known are answer',
    );
    await expect(runtime.get("nobody")).rejects.toThrow(/no run "nobody"/);
    expect(await runtime.list()).toEqual({ runs: [] });
  });

  test("starts work of one idempotency key once", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const start = () => runtime.start("answer", question, { idempotencyKey: "k" });
    const runs = await Promise.all([start(), start(), start()]);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    await expect(
      runtime.start("answer", { task: "Another" }, { idempotencyKey: "k" }),
    ).rejects.toThrow(/with another input/);
    expect((await runtime.list()).runs).toHaveLength(1);
  });

  test("takes the run of the highest priority first", async () => {
    const order: string[] = [];
    const note = pipelineOf("note", (input: string) => void order.push(input));
    await using t = await startTestRuntime({ database: await open(), pipelines: [note] });
    const { runtime } = t;
    for (const [name, priority] of [
      ["low", -1],
      ["usual", 0],
      ["high", 5],
    ] as const) {
      await runtime.start("note", name, { priority });
    }
    await runtime.work({ concurrency: 1 });
    await expect.poll(() => order).toEqual(["high", "usual", "low"]);
  });
});

describeServerFirst("a runtime", (open) => {
  test("fails with what went wrong, and goes on from there when it is resumed", async () => {
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
    await expect(runtime.resume(run.id)).rejects.toThrow(/is succeeded: only a run that failed/);
  });

  test("tells an error of the pipeline's code with its step and its stack, and logs it", async () => {
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
    expect(error?.stack).toMatch(/at brokenWork \(.*runtime\.test\.ts/);
    expect(log).toEqual([["run failed", { runId: inGraph.id, pipeline: "broken", error }]]);

    const inNested = await t.runtime.start("nested", { task: "" });
    expect((await t.runtime.wait(inNested.id)).error).toMatchObject({ step: "outer" });

    const alone = await t.runtime.start("simple", "");
    const other = (await t.runtime.wait(alone.id)).error;
    expect(other?.stack).toMatch(/at brokenWork /);
    expect(other).not.toHaveProperty("step");
    expect(JSON.stringify(other)).not.toContain("0123456789abcdef");
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
    const events = await collected(t.runtime.events(run.id));
    expect((await t.runtime.get(run.id)).output).toEqual({
      input: { nul: "a\u0000b" },
      odd: "\u0000\ud800",
    });
    expect(events.at(-1)).toMatchObject({ type: "run-end", output: { odd: "\u0000\ud800" } });
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

  test("lists the newest first, page by page", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const ids: string[] = [];
    for (let number = 1; number <= 5; number += 1) {
      ids.unshift((await runtime.start("answer", { task: `${number}` })).id);
    }
    const first = await runtime.list({ limit: 3 });
    const second = await runtime.list({ limit: 3, after: first.next ?? "" });
    expect([...first.runs, ...second.runs].map(({ id }) => id)).toEqual(ids);
    expect(second.next).toBeUndefined();
    await runtime.cancel(ids[0] ?? "");
    expect((await runtime.list({ status: "cancelled" })).runs).toHaveLength(1);
    expect((await runtime.list({ status: ["queued", "running"] })).runs).toHaveLength(4);
    await expect(runtime.list({ after: "nonsense" })).rejects.toThrow(/not a cursor/);
  });

  test("cancels a run in the queue, and one under way", async () => {
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

  test("begins events where a reader left off", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const run = await runtime.start("answer", question);
    await runtime.work();
    const seen: (number | undefined)[] = [];
    let after: string | undefined;
    // A reader that is cut off again and again has each event once.
    for (let isOver = false; !isOver;) {
      isOver = true;
      let taken = 0;
      for await (const { number, cursor } of runtime.events(run.id, { after })) {
        if (number !== undefined) seen.push(number);
        after = cursor;
        taken += 1;
        if (taken === 3) {
          isOver = false;
          break;
        }
      }
    }
    const { lastEvent } = await runtime.get(run.id);
    expect(seen).toEqual(Array.from({ length: lastEvent }, (_, index) => index + 1));
  });

  test("waits for an approval without a worker, and goes on on any", async () => {
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

    const edited = await start();
    await waiting(edited.id);
    await runtime.edit(edited.id, { review: { task: "Say when it was built" } });
    expect(await runtime.wait(edited.id)).toMatchObject({ status: "succeeded" });

    const cancelledOne = await start();
    await waiting(cancelledOne.id);
    expect(await runtime.cancel(cancelledOne.id)).toMatchObject({ status: "cancelled" });
    await expect(runtime.approve(cancelledOne.id)).rejects.toThrow(/is cancelled/);
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

describe("several runtimes on a server", () => {
  test("share the work", async () => {
    const database = await openOnServer();
    await using t = await startTestRuntime({ database });
    const others = await Promise.all([t.another(), t.another()]);
    await Promise.all(
      [t.runtime, ...others].map((runtime, index) =>
        runtime.work({ concurrency: 2, name: `worker-${index}` }),
      ),
    );
    const runs = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        t.runtime.start("answer", { task: `${question.task} ${index}` }),
      ),
    );
    const ended = await Promise.all(runs.map(({ id }) => t.runtime.wait(id)));
    expect(ended.map(({ status }) => status)).toEqual(runs.map(() => "succeeded"));
    expect(new Set(ended.map(({ worker }) => worker)).size).toBeGreaterThan(1);
    expect(ended.every(({ executions }) => executions === 1)).toBe(true);
  });

  test("leave runs of pipelines that they do not know to those who do", async () => {
    const ours = pipelineOf("ours", () => "ours");
    const theirs = pipelineOf("theirs", () => "theirs");
    const database = await openOnServer();
    await using t = await startTestRuntime({ database, pipelines: [ours] });
    const other = await t.another({ pipelines: [theirs] });
    await t.runtime.work({ name: "us" });
    const foreign = await Promise.all([1, 2, 3].map((input) => other.start("theirs", input)));
    await t.runtime.wait((await t.runtime.start("ours", 0)).id);
    await other.work({ name: "them" });
    for (const { id } of foreign) {
      expect(await t.runtime.wait(id)).toMatchObject({
        status: "succeeded",
        output: "theirs",
        worker: "them",
        executions: 1,
      });
    }
    expect(t.errors).toEqual([]);
  });

  test("share the account's window and the day's budget", async () => {
    const database = await openOnServer();
    const windowMs = 1500;
    const limit = 12;
    await using t = await startTestRuntime({
      database,
      limits: { windowMs },
      environment: {
        LLM_REQUESTS_PER_MINUTE: String(limit),
        LLM_BUDGET_TOKENS_PER_DAY: "1000000",
      },
    });
    const other = await t.another();
    await Promise.all([t.runtime, other].map((runtime) => runtime.work({ concurrency: 4 })));
    const startedAt = Date.now();
    const runs = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        t.runtime.start("answer", { task: `${question.task} ${index}` }),
      ),
    );
    for (const { id } of runs) expect(await other.wait(id)).toMatchObject({ status: "succeeded" });
    const arrivals = t.sandbox.books.entries.map(({ startedAt }) => startedAt);
    expect(arrivals.length).toBe(32);
    // Two windows are full before the last requests. How close two arrivals are is a matter of the machine's load.
    expect(Math.max(...arrivals) - startedAt).toBeGreaterThan(2 * windowMs);
    const [day] = await database.query<{ tokens: string }>(
      `SELECT spent_tokens AS tokens FROM "${database.schema}".budget_accounts WHERE scope = 'day'`,
    );
    const { promptTokens, completionTokens } = t.sandbox.books.totals();
    expect(Number(day?.tokens)).toBe(promptTokens + completionTokens);
  });
});
