import { describe, expect, inject, test } from "vitest";
import { openPostgres, type Database } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { startSilentProxy } from "../test-support/silent-proxy.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

/** The same tables, through a proxy. */
function openThrough(url: string, { schema }: Database): Promise<Database> {
  return openPostgres({ url, schema, maxConnections: 5, timeoutMs: 2000, connectTimeoutMs: 2000 });
}

/** A worker behind a proxy, and a process that reaches the server directly. */
async function startScene() {
  const proxy = await startSilentProxy(inject("databaseUrl"));
  const t = await startTestRuntime({ database: await openOnServer() });
  const database = await openThrough(proxy.url, t.runtime.database);
  const behind = await t.another({ database });
  const worker = await behind.work({ name: "behind the proxy" });
  return {
    ...t,
    proxy,
    worker,
    [Symbol.asyncDispose]: async () => {
      await t[Symbol.asyncDispose]();
      await database.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

describe("a database whose connections fall silent", () => {
  test("gets new ones from a worker that waits for runs", async () => {
    await using scene = await startScene();
    const { runtime, proxy, worker } = scene;
    await expect.poll(() => worker.health.lastHeartbeatAt).toBeDefined();
    proxy.silenceOpen();
    const { id } = await runtime.start("answer", question);
    expect(await runtime.wait(id)).toMatchObject({ status: "succeeded" });
    await expect.poll(() => worker.health.state).toBe("working");
  });

  test("costs a run that is in progress nothing but time", async () => {
    await using scene = await startScene();
    const { runtime, proxy, sandbox } = scene;
    const silent = Promise.withResolvers<void>();
    sandbox.order({ fault: "slow", until: silent.promise, after: 1, times: 1 });
    const { id } = await runtime.start("answer", question);
    await expect.poll(() => sandbox.books.entries.length).toBe(2);
    proxy.silenceOpen();
    silent.resolve();
    const ended = await runtime.wait(id);
    expect(ended).toMatchObject({ status: "succeeded", executions: 1 });
    expect(sandbox.books.entries).toHaveLength(4);
  });

  test("does not hold up a worker by new connections that are silent", async () => {
    await using scene = await startScene();
    const { runtime, proxy, worker } = scene;
    await expect.poll(() => worker.health.lastHeartbeatAt).toBeDefined();
    proxy.silenceNew();
    const { id } = await runtime.start("answer", question);
    // The connections that are open carry the run, until another one is needed.
    const hasEnded = async () => (await runtime.get(id)).endedAt !== undefined;
    await expect.poll(async () => proxy.swallowed > 0 || (await hasEnded())).toBe(true);
    proxy.admitNew();
    expect(await runtime.wait(id)).toMatchObject({ status: "succeeded" });
  });

  test("makes a worker report what it waits for, until the database answers", async () => {
    await using scene = await startScene();
    const { runtime, proxy, worker } = scene;
    await expect.poll(() => worker.health.lastHeartbeatAt).toBeDefined();
    expect(worker.health).toMatchObject({ state: "working", activeRuns: 0 });
    proxy.silenceNew();
    proxy.silenceOpen();
    await expect.poll(() => worker.health.state).toBe("waiting");
    expect(worker.health.reason).toMatch(/timeout|terminated/);
    await expect.poll(() => proxy.swallowed).toBeGreaterThan(0);
    proxy.admitNew();
    await expect.poll(() => worker.health.state).toBe("working");
    const { id } = await runtime.start("answer", question);
    expect(await runtime.wait(id)).toMatchObject({ status: "succeeded" });
  });
});
