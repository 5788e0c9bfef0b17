import { call, type Call } from "@orchestra/core/conformance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import type { PostgresRateLimiter } from "./postgres-rate-limiter.ts";
import { Processes } from "./test-support/processes.ts";

let database: Database;
beforeAll(async () => {
  database = await openOnServer();
});
afterAll(() => database.close());

const windowMs = 60_000;
const roundTripMs = 40;

interface Stage {
  readonly processes: Processes;
  readonly limiter: PostgresRateLimiter;
  /** Its slot is booked, and becomes free in a moment. */
  readonly booked: Call;
  readonly caller: AbortController;
}

/** One request a minute, a database some way off, and a call that has waited for nearly all of the minute. */
async function openStage(): Promise<Stage> {
  const processes = new Processes(database);
  const { clock, databases } = processes;
  const limits = { requestsPerMinute: 1 };
  const limiter = processes.start({ limits, windowMs, latencyMs: () => roundTripMs / 2 });
  const first = call(limiter);
  await clock.advance(5000);
  await first.slot?.settle({ isAnswered: true });
  const caller = new AbortController();
  const booked = call(limiter, { signal: caller.signal });
  await clock.advance(1000);
  const before = databases.statements.length;
  // The process knows the database's time to within a round trip.
  await clock.advance((booked.waits[0] ?? 0) - 1000 + roundTripMs - 1);
  expect([databases.statements.length - before, booked.slot]).toEqual([1, undefined]);
  return { processes, limiter, booked, caller };
}

describe("a slot that becomes free in a moment", () => {
  test("is booked in advance, and its call is sent without another statement", async () => {
    const { processes, booked } = await openStage();
    await using _ = processes;
    await processes.clock.advance(1);
    expect(booked.slot).toBeDefined();
  });

  test("is given to the next call if its own call aborts", async () => {
    const { processes, limiter, booked, caller } = await openStage();
    await using _ = processes;
    const next = call(limiter);
    caller.abort("enough");
    await processes.clock.advance(3 * roundTripMs);
    expect([booked.error, next.slot !== undefined]).toEqual(["enough", true]);
  });

  test("is not used if the server refuses requests in the meantime", async () => {
    const { processes, limiter, booked } = await openStage();
    await using _ = processes;
    const { clock } = processes;
    const refused = limiter.backOff({ scope: "minute", until: clock.now() + 5000 });
    await clock.advance(4900);
    await refused;
    expect(booked.slot).toBeUndefined();
    await clock.advance(100 + 3 * roundTripMs);
    expect(booked.slot).toBeDefined();
  });

  test("is returned when its limiter is closed", async () => {
    const { processes, limiter, booked } = await openStage();
    await using _ = processes;
    const other = processes.start({ windowMs });
    const closed = limiter.close();
    await processes.clock.advance(3 * roundTripMs);
    await closed;
    const next = call(other);
    await processes.clock.advance(0);
    expect(booked.error).toMatchObject({ message: "The rate limiter is closed" });
    expect(next.slot?.waitedMs).toBe(0);
  });
});
