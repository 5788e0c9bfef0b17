import { randomBytes } from "node:crypto";
import { DIALECTS, dialectModel } from "@orchestra/sandbox";
import { describe, expect, test } from "vitest";
import { RuntimeClosedError } from "./errors/index.ts";
import { describeServerFirst, openOnServer } from "./test-support/databases.ts";
import { pipelineOf, question, startTestRuntime } from "./test-support/test-runtime.ts";

describeServerFirst("a runtime", (open) => {
  test("runs a pipeline to its end, with an event for each part", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    await runtime.work();
    const run = await runtime.start("answer", question);
    expect(run).toMatchObject({ pipeline: "answer", status: "queued", input: question });
    const events = await Array.fromAsync(runtime.events(run.id));
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

  test("counts the requests of a run whose usage is unknown", async () => {
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
    const ends = (await Array.fromAsync(t.runtime.events(id))).filter(
      ({ type }) => type === "call-end",
    );
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
    const withoutPipelines = await t.another({ pipelines: [] });
    await expect(withoutPipelines.start("answer", question)).rejects.toThrow(
      'There is no pipeline "answer"; none is known: list it in orchestra.config.ts',
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
    const beginning = ids[2]?.slice(0, -1) ?? "";
    expect((await runtime.list({ idPrefix: beginning })).runs).toMatchObject([{ id: ids[2] }]);
    expect((await runtime.list({ idPrefix: "%" })).runs).toEqual([]);
    expect(await runtime.listIds()).toEqual(ids);
    expect(await runtime.listIds({ status: "queued", limit: 2 })).toEqual(ids.slice(1, 3));
    await expect(runtime.list({ after: "nonsense" })).rejects.toThrow(/not a cursor/);
    const last = Buffer.from(JSON.stringify(["9".repeat(16), "z"])).toString("base64url");
    expect((await runtime.list({ after: last })).runs).toHaveLength(5);
  });

  test("lists each run once if several were created in the same microsecond", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const ids: string[] = [];
    for (const id of ["a", "b", "c"])
      ids.unshift((await runtime.start("answer", question, { id })).id);
    await runtime.database.query(
      `UPDATE "${runtime.database.schema}".runs SET created_at = '2026-01-01 00:00:00.123457+00'`,
    );
    const listed: string[] = [];
    let after: string | undefined;
    do {
      const { runs, next } = await runtime.list({ limit: 1, after });
      listed.push(...runs.map(({ id }) => id));
      after = next;
    } while (after !== undefined);
    expect(listed).toEqual(ids);
  });

  test("lists fewer on a page where they are large, and none is left out", async () => {
    const keep = pipelineOf("keep", (input: string) => input.length);
    await using t = await startTestRuntime({ database: await open(), pipelines: [keep] });
    const { runtime } = t;
    const ids: string[] = [];
    // What is random cannot be compressed.
    const input = randomBytes(900_000).toString("base64");
    for (let number = 1; number <= 5; number += 1) {
      ids.unshift((await runtime.start("keep", input)).id);
    }
    const pages: string[][] = [];
    let after: string | undefined;
    do {
      const { runs, next } = await runtime.list({ limit: 4, after });
      pages.push(runs.map(({ id }) => id));
      after = next;
    } while (after !== undefined);
    expect(pages.flat()).toEqual(ids);
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
  });

  test("that is closed refuses everything by one error, and a worker from the start of its closing", async () => {
    const slow = pipelineOf("slow", () => gate.promise);
    const gate = Promise.withResolvers<string>();
    await using t = await startTestRuntime({ database: await open(), pipelines: [slow] });
    const runtime = await t.another();
    await runtime.work();
    const { id } = await runtime.start("slow", 1);
    await expect.poll(async () => (await runtime.get(id)).status).toBe("running");
    const closing = runtime.close();
    await expect(runtime.work()).rejects.toThrow(RuntimeClosedError);
    // A run in progress may still start and read others.
    const other = await runtime.start("slow", 2);
    expect(await runtime.get(other.id)).toMatchObject({ status: "queued" });
    gate.resolve("done");
    await Promise.all([closing, runtime.close()]);
    const schedule = { key: "k", cron: "0 3 * * *", pipeline: "slow", input: 1 };
    for (const refused of [
      runtime.start("slow", 1),
      runtime.list(),
      runtime.listIds(),
      runtime.cancel(id),
      runtime.schedule(schedule),
      runtime.schedules(),
      runtime.usage({ by: "day", since: new Date() }),
      runtime.load(),
      runtime.countByStatus(),
      runtime.work(),
    ]) {
      await expect(refused).rejects.toThrow(RuntimeClosedError);
    }
    expect(await t.runtime.get(id)).toMatchObject({ status: "succeeded", output: "done" });
    expect(t.errors).toEqual([]);
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
