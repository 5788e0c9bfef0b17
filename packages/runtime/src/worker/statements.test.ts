import { expect, test } from "vitest";
import { openOnServer } from "../test-support/databases.ts";
import { statementsOf } from "../test-support/statements-of.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

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

  const isOf = (words: RegExp) => statements.filter((statement) => words.test(statement));
  const { schema } = database;
  const ofRuns = isOf(new RegExp(`(UPDATE|INSERT INTO) "${schema}"\\.runs`));
  // Its insertion, the claim, and ten that append; on a busy machine a few more.
  expect(ofRuns.length).toBeLessThanOrEqual(16);
  // Its first execution knows that it has no checkpoints.
  expect(isOf(/from "\w+"\.checkpoints/i)).toEqual([]);
  expect(ofRuns.filter((statement) => statement.includes("pg_notify"))).toEqual([]);
  // A transaction to start it, with its job, and no other.
  expect(isOf(/^BEGIN$/)).toHaveLength(1);
  const notices = isOf(/pg_notify/);
  expect(notices.length).toBeGreaterThan(0);
  expect(notices.every((statement) => statement.startsWith("SELECT pg_notify"))).toBe(true);
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
