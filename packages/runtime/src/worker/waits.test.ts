import { RunnableLambda } from "@langchain/core/runnables";
import { test, vi } from "vitest";
import type { RunEvent } from "../events/index.ts";
import { definePipeline } from "../pipelines/index.ts";
import type { Run } from "../runs/index.ts";
import type { Runtime } from "../runtime.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

/** A pipeline that ends when its signal says so. */
const endless = definePipeline({
  name: "endless",
  create: () =>
    RunnableLambda.from(
      (_: unknown, { signal }: { signal?: AbortSignal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason as Error));
        }),
    ),
});

const pastDeadline = { status: "failed", error: { code: "deadline_exceeded" } };

function inMs(durationMs: number): Date {
  return new Date(Date.now() + durationMs);
}

async function untilStatus(runtime: Runtime, id: string, status: Run["status"]): Promise<Run> {
  const isThere = async () => (await runtime.get(id)).status === status;
  await vi.waitUntil(isThere, { timeout: 240_000 });
  return runtime.get(id);
}

async function typesOf(runtime: Runtime, id: string): Promise<RunEvent["type"][]> {
  const events = await Array.fromAsync(runtime.events(id));
  return events.map(({ type }) => type);
}

describeServerFirst("a run that waits", (open) => {
  test.concurrent("for the day's quota has no worker, and continues by itself when there is more", async ({
    expect,
  }) => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    await runtime.work();
    sandbox.order({ fault: "rate-limit-day", retryAfterSeconds: 3, after: 2, times: 1 });
    const { id } = await runtime.start("answer", question);
    const ended = await runtime.wait(id);
    expect(ended).toMatchObject({ status: "succeeded", executions: 2 });
    // By what is stored: on a busy machine the wait may be over before anyone has looked.
    const told = (await Array.fromAsync(runtime.events(id))).filter(({ type }) =>
      ["run-start", "run-waiting", "run-lost"].includes(type),
    );
    expect(told).toMatchObject([
      { type: "run-start" },
      { type: "run-waiting", waiting: { for: "quota" } },
      { type: "run-start" },
    ]);
    const { waiting } = told[1] as { readonly waiting: { readonly until: string } };
    expect(Date.parse(told[2]?.at ?? "")).toBeGreaterThanOrEqual(Date.parse(waiting.until));
    // What had been answered by then is not asked again.
    expect(sandbox.books.entries.map(({ status }) => status)).toEqual([200, 200, 429, 200, 200]);
  });

  test.concurrent("for the next day continues at once when it is resumed with another key", async ({
    expect,
  }) => {
    const limits = { requestsPerDay: 2 };
    await using t = await startTestRuntime({ database: await open(), sandbox: { limits } });
    const { runtime, sandbox } = t;
    const worker = await runtime.work();
    const run = await runtime.start("answer", question);
    const { waiting } = await untilStatus(runtime, run.id, "waiting");
    const midnight = new Date().setUTCHours(24, 0, 0, 0);
    const until = Date.parse((waiting as { until: string }).until);
    expect(Math.abs(until - midnight)).toBeLessThan(5000);
    await worker.drain();

    sandbox.reset();
    const other = await t.another({
      environment: { OPENROUTER_API_KEY: "sk-or-v1-another-0123456789" },
    });
    await other.work();
    await runtime.resume(run.id);
    expect(await runtime.wait(run.id)).toMatchObject({ status: "succeeded", executions: 2 });
    // Two calls of the first key, two of the other.
    expect(sandbox.books.entries.map(({ status }) => status)).toEqual([200, 200]);
  });

  test.concurrent("for the rate limit is shown with its end", async ({ expect }) => {
    await using t = await startTestRuntime({
      database: await open(),
      sandbox: { limits: { requestsPerMinute: 2, windowMs: 4000 } },
      limits: { windowMs: 4000 },
      environment: { LLM_REQUESTS_PER_MINUTE: "2" },
    });
    const { runtime, sandbox } = t;
    const worker = await runtime.work();
    const run = await runtime.start("answer", question);
    const { waiting } = await untilStatus(runtime, run.id, "waiting");
    expect(waiting).toMatchObject({ for: "rate-limit" });
    const leftMs = Date.parse((waiting as { until: string }).until) - Date.now();
    expect(leftMs).toBeLessThan(5000);
    // It goes on in the process that has it.
    expect(worker.active).toBe(1);
    const ended = await runtime.wait(run.id);
    expect(ended).toMatchObject({ status: "succeeded", executions: 1 });
    expect(ended.waiting).toBeUndefined();
    const told = (await typesOf(runtime, run.id)).filter((type) =>
      /run-waiting|run-resumed/.test(type),
    );
    // The fourth call waits too where the second was made long after the first.
    expect(told.join(" ")).toMatch(/^run-waiting run-resumed( run-waiting run-resumed)?$/);
    expect(sandbox.books.entries.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});

describeServerFirst("a deadline", (open) => {
  test.concurrent("ends a run that a worker has, and what it is doing", async ({ expect }) => {
    await using t = await startTestRuntime({ database: await open(), pipelines: [endless] });
    const { runtime } = t;
    const worker = await runtime.work();
    // On a busy machine it may pass before the worker has the run.
    let executions = 0;
    for (let leftMs = 500; executions === 0; leftMs *= 2) {
      const run = await runtime.start("endless", 1, { deadline: inMs(leftMs) });
      const ended = await runtime.wait(run.id);
      expect(ended).toMatchObject(pastDeadline);
      ({ executions } = ended);
    }
    expect(executions).toBe(1);
    await expect.poll(() => worker.active).toBe(0);
  });

  test.concurrent("ends a run that is in the queue, and never executes it", async ({ expect }) => {
    await using t = await startTestRuntime({ database: await open(), pipelines: [endless] });
    const { runtime } = t;
    await runtime.work({ concurrency: 1 });
    const first = await runtime.start("endless", 1);
    await untilStatus(runtime, first.id, "running");
    const second = await runtime.start("endless", 2, { deadline: inMs(200) });
    expect(await runtime.wait(second.id)).toMatchObject({ ...pastDeadline, executions: 0 });
    await runtime.cancel(first.id);
    expect(await typesOf(runtime, second.id)).toEqual(["run-queued", "run-end"]);
  });

  test.concurrent("ends a run that waits for a person", async ({ expect }) => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    await runtime.work();
    const options = { approval: true, deadline: inMs(3_600_000) };
    const run = await runtime.start("answer", question, options);
    expect(await untilStatus(runtime, run.id, "waiting")).toMatchObject({
      waiting: { for: "approval" },
    });
    // Sooner, it could pass before the run waits.
    const { query, schema } = runtime.database;
    await query(`UPDATE "${schema}".runs SET deadline_at = now() WHERE id = $1`, [run.id]);
    expect(await runtime.wait(run.id)).toMatchObject(pastDeadline);
    await expect(runtime.approve(run.id)).rejects.toThrow(
      /does not wait for a decision|has failed/,
    );
  });

  test.concurrent("ends a run that would have to wait for quota beyond it, at once", async ({
    expect,
  }) => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    await runtime.work();
    sandbox.order({ fault: "rate-limit-day", retryAfterSeconds: 3600, times: 1 });
    const run = await runtime.start("answer", question, { deadline: inMs(600_000) });
    expect(await runtime.wait(run.id)).toMatchObject(pastDeadline);
  });
});
