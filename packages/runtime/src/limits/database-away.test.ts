import { call } from "@orchestra/core/conformance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { Processes } from "./test-support/processes.ts";

let database: Database;
beforeAll(async () => {
  database = await openOnServer();
});
afterAll(() => database.close());

describe("a database that is not available", () => {
  test("applies each change once, also if the answer was lost", async () => {
    await using processes = new Processes(database);
    let breaksAt: "before" | "after" | undefined;
    const limiter = processes.start({
      limits: { requestsPerMinute: 10, tokensPerMinute: 1000 },
      windowMs: 60_000,
      breaks: () => breaksAt,
    });
    await processes.clock.advance(0);
    breaksAt = "after";
    const asked = call(limiter, { tokens: 400 });
    await processes.clock.advance(40);
    expect(asked.slot).toBeUndefined();
    breaksAt = undefined;
    await processes.clock.advance(200);
    expect(await limiter.state()).toMatchObject({ remaining: 9, tokens: { remaining: 600 } });
    breaksAt = "after";
    await asked.slot?.settle({ tokens: 100 });
    await processes.clock.advance(5000);
    breaksAt = "before";
    await processes.clock.advance(5000);
    breaksAt = undefined;
    await processes.clock.advance(5000);
    expect(await limiter.state()).toMatchObject({
      remaining: 9,
      inFlight: 0,
      tokens: { remaining: 900 },
      day: { used: 1 },
    });
  });

  test("applies no change twice of a process that counted as dead", async () => {
    await using processes = new Processes(database);
    let breaksAt: "after" | "before" | undefined;
    const deadAfterMs = 3000;
    const options = { windowMs: 60_000, deadAfterMs };
    const limiter = processes.start({
      ...options,
      limits: { tokensPerMinute: 1000 },
      breaks: () => breaksAt,
    });
    const other = processes.start(options);
    const asked = call(limiter, { tokens: 400 });
    await processes.clock.advance(0);
    breaksAt = "after";
    await asked.slot?.settle({ tokens: 100 });
    await limiter.setLimits({ tokensPerMinute: 900 });
    breaksAt = "before";
    await processes.clock.advance(10_000);
    expect((await other.state()).inFlight).toBe(0);
    breaksAt = undefined;
    await processes.clock.advance(5000);
    expect(await limiter.state()).toMatchObject({ tokens: { limit: 900, remaining: 800 } });
  });

  test("does not delay refusals, limits and aborts", async () => {
    await using processes = new Processes(database);
    const outages: unknown[] = [];
    let breaksAt: "before" | undefined = "before";
    const limiter = processes.start({
      breaks: () => breaksAt,
      onOutage: (error) => outages.push(error),
    });
    const caller = new AbortController();
    const [hurried, patient] = [call(limiter, { signal: caller.signal }), call(limiter)];
    await processes.clock.advance(0);
    await limiter.setLimits({ requestsPerMinute: 2 });
    await limiter.countDay(3);
    await expect(limiter.setLimits({ requestsPerMinute: 0 })).rejects.toThrow(RangeError);
    caller.abort("enough");
    await processes.clock.advance(10_000);
    expect([hurried.error, patient.slot]).toEqual(["enough", undefined]);
    // It is asked ever less often.
    expect(outages.length).toBeLessThan(15);
    breaksAt = undefined;
    await processes.clock.advance(2000);
    expect(patient.slot).toBeDefined();
    expect(await limiter.state()).toMatchObject({ limit: 2, remaining: 1, day: { used: 3 } });
  });

  test("differs from a database that rejects a statement", async () => {
    await using other = await openOnServer();
    await using processes = new Processes(other);
    const limiter = processes.start({ deadAfterMs: 30_000 });
    const first = call(limiter);
    await processes.clock.advance(0);
    await other.query(`ALTER TABLE "${other.schema}".rate_limits RENAME TO elsewhere`);
    const refused = call(limiter);
    await processes.clock.advance(0);
    expect(refused.error).toMatchObject({ code: "42P01" });
    await expect(limiter.state()).rejects.toThrow(/rate_limits/);
    await expect(limiter.countDay(4)).rejects.toThrow(/rate_limits/);
    const before = processes.databases.statements.length;
    await processes.clock.advance(30_000);
    expect(processes.databases.statements.length - before).toBeLessThanOrEqual(3);
    await first.slot?.settle();
    await processes.clock.advance(1000);
    await other.query(`ALTER TABLE "${other.schema}".elsewhere RENAME TO rate_limits`);
    await processes.clock.advance(5000);
    expect(await limiter.state()).toMatchObject({ inFlight: 0, day: { used: 1 } });
  });
});
