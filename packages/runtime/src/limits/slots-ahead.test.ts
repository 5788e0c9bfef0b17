import { call, calls } from "@orchestra/core/conformance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { Processes } from "./test-support/processes.ts";

let database: Database;
beforeAll(async () => {
  database = await openOnServer();
});
afterAll(() => database.close());

describe("slots ahead", () => {
  test("save most statements of a burst of calls, and are returned", async () => {
    await using processes = new Processes(database);
    const limits = { requestsPerMinute: 100, requestsPerDay: 1000 };
    const limiter = processes.start({ limits, windowMs: 60_000 });
    await processes.clock.advance(0);
    const before = processes.databases.statements.length;
    for (let number = 0; number < 20; number += 1) {
      const asked = call(limiter);
      await processes.clock.advance(0);
      await asked.slot?.settle();
    }
    expect(processes.databases.statements.length - before).toBeLessThanOrEqual(7);
    await processes.clock.advance(1000);
    expect(await limiter.state()).toMatchObject({
      remaining: 80,
      inFlight: 0,
      day: { used: 20 },
    });
  });

  test("are not booked for single calls", async () => {
    await using processes = new Processes(database);
    const windowMs = 60_000;
    const limiter = processes.start({ limits: { requestsPerMinute: 100 }, windowMs });
    const other = processes.start({ windowMs });
    for (let number = 0; number < 5; number += 1) {
      const asked = call(limiter);
      await processes.clock.advance(5000);
      await asked.slot?.settle();
    }
    expect((await other.state()).remaining).toBe(95);
  });

  test("are returned at once when a call waits for them elsewhere", async () => {
    await using processes = new Processes(database);
    const limits = { requestsPerMinute: 8, maxConcurrency: 8 };
    const limiter = processes.start({ limits, windowMs: 60_000 });
    const other = processes.start({ windowMs: 60_000 });
    const first = calls(2, limiter);
    await processes.clock.advance(0);
    expect(first.every(({ slot }) => slot)).toBe(true);
    const all = calls(6, other);
    await processes.clock.advance(0);
    expect(all.map(({ slot }) => slot?.waitedMs)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
