import { expect, test } from "vitest";
import { openOnServer } from "../test-support/databases.ts";
import { statementsOf } from "../test-support/statements-of.ts";
import { startTestRuntime } from "../test-support/test-runtime.ts";

/** Statements of one upkeep, of the queue and of the database. */
const upkeep = 30;

test("a worker that waits for runs asks at most two statements a second", async () => {
  const database = await openOnServer();
  const statements = await statementsOf(database);
  await using t = await startTestRuntime({ database });
  await t.runtime.work();
  await expect.poll(() => database.receivesNotifications).toBe(true);
  statements.length = 0;
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  // The upkeep comes once a minute: once or twice in this time.
  await expect.poll(seconds, { interval: 1000 }).toBeGreaterThan(65);
  expect(statements.length).toBeLessThanOrEqual(2 * seconds() + upkeep);
  expect(statements.length).toBeGreaterThan(0.5 * seconds());
});
