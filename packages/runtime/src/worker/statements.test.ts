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

  // What is written is always one of three texts: it can be EXPLAINed.
  const writes = new Set(
    all.filter((text) => /^WITH run AS \(\s*UPDATE \S+ SET\s+writes = /.test(text)),
  );
  expect(writes.size).toBe(3);
  for (const text of writes) {
    const plan = await database.query(`EXPLAIN (GENERIC_PLAN) ${text}`);
    expect(JSON.stringify(plan)).toContain("CTE told");
  }
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
  // What a process forgets of old limits now and then is not the run's.
  const ofLimits = statements.filter(
    (text) => /"\.(limits|budget)/.test(text) && !/DELETE/.test(text),
  );
  const timesOf = (name: string) => ofLimits.filter((text) => text.includes(`".${name}(`)).length;
  const slots = timesOf("limits_sync");
  expect([timesOf("budget_reserve"), timesOf("budget_settle")]).toEqual([4, 4]);
  expect(ofLimits).toHaveLength(slots + 8);
  // One for each slot, unless the process has booked it ahead, with the end of the slot before. On a busy machine
  // the next call comes too late for that, and each end takes one of its own.
  expect(slots).toBeGreaterThanOrEqual(1);
  expect(slots).toBeLessThanOrEqual(4 + 4);
});
