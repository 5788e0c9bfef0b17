import { expect, test } from "vitest";
import { describeServerFirst } from "../test-support/databases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

describeServerFirst("a worker that drains", (open) => {
  test("finishes its runs, and takes no more", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    const draining = Promise.withResolvers<void>();
    sandbox.order({ fault: "slow", until: draining.promise, times: 1 });
    const worker = await runtime.work({ concurrency: 1 });
    const first = await runtime.start("answer", question);
    await expect.poll(() => sandbox.books.entries.length).toBe(1);
    const second = await runtime.start("answer", { task: `${question.task} 2` });
    const drained = worker.drain();
    draining.resolve();
    await drained;
    expect(worker.active).toBe(0);
    expect(await runtime.get(first.id)).toMatchObject({ status: "succeeded", executions: 1 });
    expect(await runtime.get(second.id)).toMatchObject({ status: "queued", executions: 0 });
  });

  test("has stored the late cost of a call of an ended run when its runtime is closed", async () => {
    const database = await open();
    const [begun, known] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const waiting: typeof fetch = async (url, init) => {
      const { pathname } = new URL(url instanceof Request ? url.url : url);
      if (pathname.endsWith("/generation")) await known.promise;
      const response = await fetch(url, init);
      if (pathname.endsWith("/completions")) begun.resolve();
      return response;
    };
    await using t = await startTestRuntime({ database, orchestra: { fetch: waiting } });
    const { runtime, sandbox } = t;
    sandbox.order({ fault: "stall", times: 1 });
    await runtime.work();
    const { id } = await runtime.start("answer", question);
    await begun.promise;
    await runtime.cancel(id);
    expect(await runtime.wait(id)).toMatchObject({ status: "cancelled", usage: { costUsd: 0 } });
    const closed = runtime.close();
    known.resolve();
    await closed;
    const reader = await t.another();
    const { usage } = await reader.get(id);
    expect(usage.costUsd).toBeCloseTo(sandbox.books.totals().costUsd, 10);
    expect(usage.costUsd).toBeGreaterThan(0);
  });

  test("hands back runs that do not end within the grace time, for another worker", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    // The validator's call.
    sandbox.order({ fault: "hang", after: 2, times: 1 });
    const first = await runtime.work({ name: "first", graceMs: 100 });
    const run = await runtime.start("answer", question);
    await expect.poll(() => sandbox.books.entries.length).toBe(3);
    await first.drain();
    expect(await runtime.get(run.id)).toMatchObject({ status: "queued", worker: "first" });

    // The run must not wait until the lease lapses: it would count as lost then.
    await runtime.work({ name: "second" });
    const ended = await runtime.wait(run.id);
    expect(ended).toMatchObject({ status: "succeeded", executions: 2, worker: "second" });
    const events = await Array.fromAsync(runtime.events(run.id));
    const lives = events.flatMap((event) =>
      "worker" in event ? [`${event.type} ${event.worker}`] : [],
    );
    expect(lives).toEqual(["run-start first", "run-handed-back first", "run-start second"]);
    const asked = sandbox.books.entries.map(({ body }) => JSON.stringify(body));
    expect(asked).toHaveLength(5);
    expect(asked[3]).toBe(asked[2]);
  });
});
