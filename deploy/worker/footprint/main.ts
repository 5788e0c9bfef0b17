/**
 * Measures what a run takes in the database: rows, bytes, statements, writes. On a PostgreSQL and a
 * sandbox of its own.
 *
 *     npx -y pnpm@12 --filter @orchestra/worker footprint [runs]
 *     LLM_REQUESTS_PER_MINUTE=60 npx -y pnpm@12 --filter @orchestra/worker footprint 100
 */
import { setTimeout as sleep } from "node:timers/promises";
import { openRuntime, type ListRunsOptions } from "@orchestra/runtime";
import { startSandbox } from "@orchestra/sandbox";
import config from "../orchestra.config.ts";
import { difference, readCounters, readTables } from "./counters.ts";
import { report } from "./report.ts";
import { startCountingServer } from "./server.ts";

const task = "When was the lighthouse of Vell built, and how high is it?";
const idleMs = 20_000;
const runs = Number(process.argv[2] ?? 200);

await using server = await startCountingServer();
const { client } = server;
await using sandbox = await startSandbox();
await using runtime = await openRuntime({
  ...config,
  environment: {
    LLM_REQUESTS_PER_MINUTE: "none",
    LLM_REQUESTS_PER_DAY: "none",
    LOG_LEVEL: "error",
    ...process.env,
    DATABASE_URL: server.url,
    OPENROUTER_API_KEY: "sk-or-v1-sandbox",
    OPENROUTER_BASE_URL: sandbox.url,
  },
});
await runtime.work();

// The first run makes connections and plans.
await runtime.wait((await runtime.start("answer", { task })).id);
const tablesBefore = await readTables(client);
const before = await readCounters(client);
await sleep(idleMs);
const between = await readCounters(client);
const calls = sandbox.books.entries.length;
for (let n = 1; n <= runs; n += 1) await runtime.start("answer", { task: `${task} (${n})` });
// Waiting for each would be as many pollers of the database.
const hasRunsWith = async (status: ListRunsOptions["status"]) =>
  (await runtime.list({ status, limit: 1 })).runs.length > 0;
while (await hasRunsWith(["queued", "running", "waiting"])) await sleep(1000);
if (await hasRunsWith(["failed", "rejected"])) throw new Error("Not every run succeeded");
const after = await readCounters(client);
const connections = await client.query<{ count: string }>(
  "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'orchestra'",
);

report({
  runs,
  callsPerRun: (sandbox.books.entries.length - calls) / runs,
  idle: difference(before, between),
  busy: difference(between, after),
  tables: { before: tablesBefore, after: await readTables(client) },
  connections: Number(connections.rows[0]?.count),
});
