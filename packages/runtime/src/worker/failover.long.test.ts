import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, startStandby } from "@orchestra/test-postgres";
import { Client } from "pg";
import { expect, test } from "vitest";
import { openDatabase } from "../database/index.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

async function ask<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Two servers, of which the second one has all that the first one has committed. */
async function startPair() {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-failover-"));
  const of = join(folder, "a");
  const primary = await startPostgres({ folder: of });
  const standby = await startStandby(primary, { of, folder: join(folder, "b") });
  await ask(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'");
  await ask(primary.url, "SELECT pg_reload_conf()");
  const isStreaming = "SELECT sync_state FROM pg_stat_replication";
  await expect.poll(() => ask(primary.url, isStreaming)).toEqual([{ sync_state: "sync" }]);
  const hosts = [primary, standby].map(({ url }) => new URL(url).host).join(",");
  return {
    url: `postgresql://postgres:postgres@${hosts}/postgres?target_session_attrs=read-write`,
    primary,
    standby,
    [Symbol.asyncDispose]: async () => {
      await standby.stop();
      await primary.stop();
      await rm(folder, { recursive: true });
    },
  };
}

test("a run continues by itself when its database fails over to a standby", async () => {
  await using pair = await startPair();
  const { url, primary, standby } = pair;
  await using t = await startTestRuntime({ database: await openDatabase({ url }) });
  const { runtime, sandbox, errors } = t;
  const worker = await runtime.work();
  sandbox.order({ fault: "slow", delayMs: 1000, after: 2, times: 1 });
  const run = await runtime.start("answer", question);
  await expect.poll(() => sandbox.books.entries.length).toBe(3);

  await primary.stop();
  await expect.poll(() => worker.health.state).toBe("waiting");
  expect(await ask(standby.url, "SELECT pg_promote() AS promoted")).toEqual([{ promoted: true }]);

  expect(await runtime.wait(run.id)).toMatchObject({ status: "succeeded" });
  const answered = sandbox.books.entries.filter(({ aborted }) => !aborted);
  const asked = answered.map(({ body }) => JSON.stringify(body["messages"]));
  expect(new Set(asked).size).toBe(asked.length);
  await expect.poll(() => worker.health.state).toBe("working");
  const next = await runtime.start("answer", question);
  expect(await runtime.wait(next.id)).toMatchObject({ status: "succeeded", executions: 1 });
  expect(await ask(standby.url, "SELECT count(*)::int AS runs FROM orchestra.runs")).toEqual([
    { runs: 2 },
  ]);
  expect(String(errors)).not.toContain("postgres:postgres@");
}, 180_000);
