import { describe, expect, inject, test } from "vitest";
import { openPostgres } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { takeLeasesAway } from "../test-support/leases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

describe("heartbeats", () => {
  test("do not wait for a pool that is full", async () => {
    const options = { schema: "none", maxConnections: 2, timeoutMs: 10_000 };
    await using database = await openPostgres({ ...options, url: inject("databaseUrl") });
    const taken = await Promise.all([database.pool.connect(), database.pool.connect()]);
    expect(await database.heartbeat("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    for (const client of taken) client.release();
  });

  test("continue while a statement hangs", async () => {
    await using t = await startTestRuntime({ database: await openOnServer() });
    const { runtime } = t;
    const worker = await runtime.work();
    await expect.poll(() => worker.health.lastHeartbeatAt).toBeDefined();
    const first = worker.health.lastHeartbeatAt;
    const hanging = Promise.all(
      Array.from({ length: 5 }, () => runtime.database.query("SELECT pg_sleep(60)")),
    );
    hanging.catch(() => undefined);
    await expect.poll(() => worker.health.lastHeartbeatAt).not.toBe(first);
    await using other = await openOnServer({ like: runtime.database });
    await other.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'",
    );
  });

  test("end an execution that has lost its lease, and the call that it waits for", async () => {
    await using t = await startTestRuntime({
      database: await openOnServer(),
      environment: { LLM_REQUEST_TIMEOUT: "120" },
    });
    const { runtime, sandbox } = t;
    // Full, it does not take its own run again before it has noticed.
    await runtime.work({ concurrency: 1 });
    sandbox.order({ fault: "hang", after: 2, times: 1 });
    const { id } = await runtime.start("answer", question);
    await expect.poll(() => sandbox.books.entries.length).toBe(3);
    await takeLeasesAway(runtime.database);
    expect(await runtime.wait(id)).toMatchObject({ status: "succeeded", executions: 2 });
    expect(sandbox.books.entries[2]).toMatchObject({ aborted: true });
    expect(sandbox.books.entries).toHaveLength(5);
  });
});
