import { expect, test } from "vitest";
import { openOnServer } from "../test-support/databases.ts";
import { statementsOf } from "../test-support/statements-of.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

/** What a process asks by itself now and then: heartbeats, looks for work that is due, upkeep, usage. */
const ofWorker =
  /heartbeat_on = |cancel_reason IS NOT NULL|^SELECT EXISTS|transaction_read_only|__pgboss__|\.workers|\.usage_writers/;

test("a run of four calls and a tool takes few statements, and none that notifies while it holds its row", async () => {
  const database = await openOnServer();
  const statements = await statementsOf(database);
  await using t = await startTestRuntime({ database });
  await t.runtime.work();
  // What is only asked once.
  await t.runtime.wait((await t.runtime.start("answer", question)).id);
  statements.length = 0;
  const { id } = await t.runtime.start("answer", question);
  await t.runtime.wait(id);

  const all = statements.map((text) => text.trim()).filter((text) => !ofWorker.test(text));
  const notices = all.filter((text) => text.includes("pg_notify"));
  // The start, the claims of the job and of the run, nine writes, and two looks by the caller who waits for
  // it; on a busy machine a few more writes.
  expect(all.length - notices.length).toBeLessThanOrEqual(14 + 2);
  // No transaction of several statements, and none that reads checkpoints: its first execution has none.
  const others = /^(BEGIN|COMMIT)$|from "\w+"\.checkpoints/i;
  expect(all.filter((text) => others.test(text))).toEqual([]);
  expect(notices.length).toBeGreaterThan(0);
  expect(notices.every((text) => text.startsWith("SELECT pg_notify"))).toBe(true);
});

test("limits and budgets add few statements to a run of four calls", async () => {
  const database = await openOnServer();
  const statements = await statementsOf(database);
  const environment = {
    LLM_REQUESTS_PER_MINUTE: "1000",
    LLM_MAX_CONCURRENCY: "8",
    LLM_BUDGET_USD_PER_RUN: "1",
    LLM_BUDGET_TOKENS_PER_DAY: "1000000",
  };
  await using t = await startTestRuntime({ database, environment });
  await t.runtime.work();
  await t.runtime.wait((await t.runtime.start("answer", question)).id);
  statements.length = 0;
  const { id } = await t.runtime.start("answer", question);
  await t.runtime.wait(id);
  const ofLimits = statements.filter((statement) => /limits_sync|budget/.test(statement));
  // For each call a slot, its end, a reservation and its settlement.
  expect(ofLimits.length).toBeGreaterThanOrEqual(8);
  expect(ofLimits.length).toBeLessThanOrEqual(16);
  expect(ofLimits.filter((statement) => /BEGIN|FOR UPDATE/.test(statement))).toEqual([]);
});
