import { expect, inject, test } from "vitest";
import { openPostgres } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { startSilentProxy } from "../test-support/silent-proxy.ts";
import { startTestRuntime } from "../test-support/test-runtime.ts";

test("a runtime whose worker has no run closes even if its database accepts connections and does not answer", async () => {
  await using direct = await openOnServer();
  await using proxy = await startSilentProxy(inject("databaseUrl"));
  const database = await openPostgres({
    url: proxy.url,
    schema: direct.schema,
    maxConnections: 5,
    // A close that waited for an answer would not end within the limit of the test.
    timeoutMs: 3_600_000,
    connectTimeoutMs: 3_600_000,
  });
  await using t = await startTestRuntime({
    database,
    environment: { LLM_REQUESTS_PER_MINUTE: "1000", LLM_BUDGET_TOKENS_PER_DAY: "100000" },
  });
  const worker = await t.runtime.work();
  await expect.poll(() => worker.health.lastHeartbeatAt).toBeDefined();
  // The limiter, the budgets and the usage have statements in progress.
  await t.runtime.gateway.completions.create({ messages: [{ role: "user", content: "Hello" }] });
  proxy.silenceNew();
  proxy.silenceOpen();
  await t.runtime.close();
  await database.close();
  expect(worker.active).toBe(0);
});
