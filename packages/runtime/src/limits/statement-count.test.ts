import { call } from "@orchestra/core/conformance";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { PostgresBudgetStore } from "./postgres-budget-store.ts";
import { Processes } from "./test-support/processes.ts";
import { WatchedDatabases } from "./test-support/watched-database.ts";

let database: Database;
beforeAll(async () => {
  database = await openOnServer();
});
afterAll(() => database.close());

test("a slot takes one statement, and its end one more", async () => {
  await using processes = new Processes(database);
  const { statements } = processes.databases;
  const limits = { requestsPerMinute: 60, maxConcurrency: 8 };
  const limiter = processes.start({ limits, windowMs: 60_000 });
  for (let number = 1; number <= 4; number += 1) {
    const granted = call(limiter);
    await processes.clock.advance(5000);
    await granted.slot?.settle({ isAnswered: true });
    await processes.clock.advance(5000);
    // One more when the process begins to receive messages: some may have been missed.
    expect(statements).toHaveLength(2 * number + 1);
  }
});

test("the end of one request and the slot of the next are one statement", async () => {
  await using processes = new Processes(database);
  const limiter = processes.start({ limits: { requestsPerMinute: 60 }, windowMs: 60_000 });
  for (let number = 1; number <= 4; number += 1) {
    const granted = call(limiter);
    await processes.clock.advance(0);
    await granted.slot?.settle({ isAnswered: true });
  }
  expect(processes.databases.statements.length).toBeLessThanOrEqual(4);
});

test("a reservation, its settlement and the end of an account are one statement each", async () => {
  const databases = new WatchedDatabases();
  const watched = databases.watch(database);
  const store = new PostgresBudgetStore({
    database: { ...watched, transaction: () => Promise.reject(new Error("a transaction")) },
  });
  const accounts = (["call", "run", "day"] as const).map((scope) => {
    return { scope, id: "1", limit: { tokens: 10 } };
  });
  const amount = { picoUsd: 0n, tokens: 6 };
  expect(await store.reserve({ id: "1", accounts, amount })).toBeUndefined();
  expect(await store.reserve({ id: "2", accounts, amount })).toMatchObject({ unit: "tokens" });
  await store.settle("1", amount);
  await store.close({ scope: "call", id: "1" });
  expect(databases.statements).toHaveLength(4);
});

test("a hundred processes that wait sync a few times a second, and use the whole minute", async () => {
  await using processes = new Processes(database);
  const { clock, databases } = processes;
  const limits = { requestsPerMinute: 60 };
  const windowMs = 60_000;
  const limiters = Array.from({ length: 100 }, () =>
    processes.start({ limits, windowMs, deadAfterMs: 30_000 }),
  );
  let granted = 0;
  const use = async (limiter: (typeof limiters)[number]) => {
    const used = call(limiter);
    await used.ended;
    if (!used.slot) return;
    granted += 1;
    await clock.sleep(5000);
    await used.slot.settle({ isAnswered: true });
  };
  const maxPerSecond = 5;
  for (const [seconds, limiter] of limiters.entries()) {
    for (let number = 0; number < 8; number += 1) void use(limiter);
    // Calls of one instant would be granted in one instant.
    await clock.advance(1000);
    expect(databases.statements.length).toBeLessThanOrEqual((seconds + 1) * maxPerSecond);
  }
  const [before, statementsBefore] = [granted, databases.statements.length];
  await clock.advance(windowMs);
  expect(granted - before).toBeGreaterThanOrEqual(58);
  expect(databases.statements.length - statementsBefore).toBeLessThanOrEqual(60 * maxPerSecond);
});
