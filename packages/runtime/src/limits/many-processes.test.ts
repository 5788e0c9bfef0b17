import { call, calls } from "@orchestra/core/conformance";
import type { AcquireOptions, RateLimiter } from "@orchestra/core/limits";
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  option,
  record,
} from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { PostgresRateLimiter } from "./postgres-rate-limiter.ts";
import { Processes } from "./test-support/processes.ts";

/** Notes who is granted, in that order. */
function note(order: string[], name: string, limiter: RateLimiter, options?: AcquireOptions) {
  const asked = call(limiter, options);
  void asked.ended.then(() => order.push(name));
  return asked;
}

let database: Database;
beforeAll(async () => {
  database = await openOnServer();
});
afterAll(() => database.close());

describe("processes that share an account", () => {
  test("share its minute", async () => {
    await using processes = new Processes(database);
    const limits = { requestsPerMinute: 3 };
    const [first, second] = [processes.start({ limits }), processes.start()];
    const all = [call(first), call(second), call(first), call(second)];
    await processes.clock.advance(999);
    expect(all.filter(({ slot }) => slot)).toHaveLength(3);
    await processes.clock.advance(1);
    expect(all.every(({ slot }) => slot)).toBe(true);
  });

  test("share its day, and its tokens", async () => {
    await using processes = new Processes(database);
    const limits = { requestsPerDay: 3, tokensPerMinute: 100 };
    const [first, second] = [processes.start({ limits }), processes.start()];
    const one = call(first, { tokens: 70 });
    await processes.clock.advance(0);
    const two = call(second, { tokens: 40 });
    await processes.clock.advance(0);
    expect(two).toMatchObject({ waits: [1000] });
    await one.slot?.settle({ tokens: 60 });
    await processes.clock.advance(0);
    expect(two.slot?.waitedMs).toBe(0);
    const last = call(first);
    await processes.clock.advance(0);
    const none = call(second);
    await processes.clock.advance(0);
    expect(last.slot).toBeDefined();
    expect(none.error).toMatchObject({ kind: "quota_error" });
    expect((await second.state()).day.used).toBe(3);
  });

  test("send calls of executors before those of researchers, in any process", async () => {
    await using processes = new Processes(database);
    const first = processes.start({ limits: { requestsPerMinute: 2 }, skewMs: 5000 });
    const second = processes.start({ skewMs: -5000 });
    const order: string[] = [];
    for (const number of [1, 2, 3, 4, 5]) {
      note(order, `researcher ${number}`, first, { priority: 0 });
    }
    await processes.clock.advance(500);
    for (const number of [1, 2, 3]) {
      note(order, `executor ${number}`, second, { priority: 2 });
    }
    await processes.clock.advance(3000);
    const inEachMinute = [0, 2, 4, 6].map((from) => order.slice(from, from + 2).toSorted());
    expect(inEachMinute).toEqual([
      ["researcher 1", "researcher 2"],
      ["executor 1", "executor 2"],
      ["executor 3", "researcher 3"],
      ["researcher 4", "researcher 5"],
    ]);
  });

  test("do not starve behind a process that asks more often", async () => {
    await using processes = new Processes(database);
    const first = processes.start({ limits: { requestsPerMinute: 1 }, skewMs: 5000 });
    const second = processes.start({ skewMs: -5000 });
    const order: string[] = [];
    for (const name of ["a1", "a2"]) note(order, name, first);
    await processes.clock.advance(100);
    const patient = note(order, "b1", second);
    await processes.clock.advance(100);
    for (const name of ["a3", "a4"]) note(order, name, first);
    await processes.clock.advance(5000);
    expect(order).toEqual(["a1", "a2", "b1", "a3", "a4"]);
    expect(patient.waits).toEqual([1900]);
  });

  test("do not wait for a call that has left elsewhere", async () => {
    await using processes = new Processes(database);
    const first = processes.start({ limits: { tokensPerMinute: 100 } });
    const second = processes.start();
    const caller = new AbortController();
    call(first, { tokens: 50 });
    await processes.clock.advance(100);
    const large = call(first, { tokens: 100, priority: 2, signal: caller.signal });
    await processes.clock.advance(0);
    const small = call(second, { tokens: 50 });
    await processes.clock.advance(0);
    expect(small.slot).toBeUndefined();
    caller.abort("enough");
    await processes.clock.advance(0);
    expect([large.error, small.slot?.waitedMs]).toEqual(["enough", 0]);
  });

  test("notify each other when a request ends", async () => {
    await using processes = new Processes(database);
    const [first, second, third] = [
      processes.start({ limits: { maxConcurrency: 1 } }),
      processes.start(),
      processes.start(),
    ];
    const order: string[] = [];
    const one = note(order, "one", first);
    await processes.clock.advance(10);
    const two = note(order, "two", second);
    await processes.clock.advance(10);
    const three = note(order, "three", third, { priority: 2 });
    await processes.clock.advance(10);
    expect(order).toEqual(["one"]);
    await one.slot?.settle();
    await processes.clock.advance(0);
    expect(order).toEqual(["one", "three"]);
    await three.slot?.settle();
    await processes.clock.advance(0);
    expect([order, two.slot?.waitedMs]).toEqual([["one", "three", "two"], 20]);
  });

  test("notice a refusal and new limits that another one has reported", async () => {
    await using processes = new Processes(database);
    const [first, second] = [processes.start(), processes.start()];
    await first.setLimits({ requestsPerMinute: 1 });
    const [, waiting] = calls(2, second);
    await processes.clock.advance(100);
    await first.backOff({ scope: "minute", until: processes.clock.now() + 5000 });
    await processes.clock.advance(0);
    expect(waiting?.waits).toEqual([1000, 5000]);
    await first.setLimits({ requestsPerMinute: 1 });
    await processes.clock.advance(0);
    expect(waiting?.waits).toEqual([1000, 5000]);
    await processes.clock.advance(5000);
    expect(waiting?.slot).toBeDefined();
    const last = call(second);
    await processes.clock.advance(10);
    await first.setLimits({ requestsPerMinute: 2 });
    await processes.clock.advance(0);
    expect(last.slot?.waitedMs).toBe(10);
  });

  test("may all set the same limits and count when they start", async () => {
    await using processes = new Processes(database);
    const all = [1, 2, 3, 4].map(() => processes.start());
    call(all[0] as RateLimiter);
    await processes.clock.advance(0);
    await all[0]?.backOff({ scope: "day", until: processes.clock.now() + 60_000 });
    const says = all.map(async (limiter) => {
      await limiter.setLimits({ requestsPerDay: 1000, requestsPerMinute: 60 });
      await limiter.countDay(7);
    });
    await processes.clock.advance(0);
    await Promise.all(says);
    const states = await Promise.all(all.map((limiter) => limiter.state()));
    for (const { day, limit } of states) {
      // No larger day than before: what a refusal said still holds.
      expect({ day, limit }).toEqual({
        day: { limit: 1000, used: 1000, resetsAt: processes.clock.now() + 60_000 },
        limit: 60,
      });
    }
  });

  test("free the requests of a dead one, and do not wait for its calls", async () => {
    await using processes = new Processes(database);
    const deadAfterMs = 30_000;
    const limits = { maxConcurrency: 1 };
    let isDead = false;
    const dying = processes.start({ limits, deadAfterMs, latencyMs: () => (isDead ? 1e15 : 0) });
    const living = processes.start({ deadAfterMs });
    call(dying, { priority: 0 });
    await processes.clock.advance(100_000);
    const waitsInVain = call(dying, { priority: 2 });
    await processes.clock.advance(100);
    const waits = call(living, { priority: 0 });
    await processes.clock.advance(60_000);
    // It writes every ten seconds.
    expect([waitsInVain.slot, waits.slot]).toEqual([undefined, undefined]);
    isDead = true;
    await processes.clock.advance(27_900);
    expect(waits.slot).toBeUndefined();
    await processes.clock.advance(4200);
    expect(waits.slot).toBeDefined();
    expect(await living.state()).toMatchObject({ inFlight: 1, waiting: 0 });
    processes.limiters.splice(0, 1);
  });

  test("a process that was only slow is counted again", async () => {
    await using processes = new Processes(database);
    const deadAfterMs = 30_000;
    let latencyMs = 0;
    const still = processes.start({ deadAfterMs, latencyMs: () => latencyMs });
    const living = processes.start({ deadAfterMs });
    const first = call(still);
    await processes.clock.advance(1000);
    latencyMs = 40_000;
    await processes.clock.advance(45_000);
    expect((await living.state()).inFlight).toBe(0);
    latencyMs = 0;
    await processes.clock.advance(60_000);
    expect((await living.state()).inFlight).toBe(1);
    await first.slot?.settle();
    await processes.clock.advance(1000);
    expect((await living.state()).inFlight).toBe(0);
  });
});

test("the others do not wait for a process that was woken and does not write", async () => {
  await using processes = new Processes(database);
  const deadAfterMs = 30_000;
  let isDead = false;
  const limits = { maxConcurrency: 1 };
  const holding = processes.start({ limits, deadAfterMs });
  const dying = processes.start({ deadAfterMs, latencyMs: () => (isDead ? 1e15 : 0) });
  const living = processes.start({ deadAfterMs });
  const held = call(holding);
  await processes.clock.advance(0);
  call(dying, { priority: 2 });
  await processes.clock.advance(0);
  const waits = call(living);
  await processes.clock.advance(60_000);
  isDead = true;
  await held.slot?.settle();
  await processes.clock.advance(4900);
  expect(waits.slot).toBeUndefined();
  await processes.clock.advance(5200);
  expect(waits.slot).toBeDefined();
  processes.limiters.splice(1, 1);
});

test("a priority may be infinite", async () => {
  await using processes = new Processes(database);
  const [first, second] = [
    processes.start({ limits: { requestsPerMinute: 1 } }),
    processes.start(),
  ];
  const order: string[] = [];
  note(order, "now", first);
  await processes.clock.advance(0);
  note(order, "last", first, { priority: -Infinity });
  await processes.clock.advance(1);
  for (const priority of [-1e300, Infinity, 1e300]) {
    note(order, String(priority), second, { priority });
    await processes.clock.advance(1);
  }
  await processes.clock.advance(10_000);
  expect(order).toEqual(["now", "Infinity", "1e+300", "-1e+300", "last"]);
});

test("processes of the version before share the minute, and keep their requests in flight", async () => {
  await using processes = new Processes(database);
  const { clock } = processes;
  const limiter = processes.start({ limits: { requestsPerMinute: 3, maxConcurrency: 2 } });
  await limiter.setLimits({});
  const now = clock.now();
  const holders = {
    old: { seenAt: now, turn: "1", inFlight: 1, ahead: 0 },
    dead: { seenAt: now - 2e12, turn: "1", inFlight: 9, ahead: 0 },
  };
  await database.query(
    `UPDATE "${database.schema}".rate_limits SET state = jsonb_set(state || $2, '{limiter,grants}', $3)
     WHERE account = $1`,
    [processes.account, JSON.stringify({ holders }), JSON.stringify([[now - 500, 1, 0]])],
  );
  const both = calls(2, limiter);
  await clock.advance(0);
  expect(both.map(({ slot }) => slot !== undefined)).toEqual([true, false]);
  expect(await limiter.state()).toMatchObject({ remaining: 1, inFlight: 2 });
  const [row] = await database.query<{ state: unknown }>(
    `SELECT state FROM "${database.schema}".rate_limits WHERE account = $1`,
    [processes.account],
  );
  expect(row?.state).toMatchObject({ holders: { old: holders.old } });
});

test("a format of a later version is refused with an error about it", async () => {
  await using processes = new Processes(database);
  const limiter = processes.start();
  await limiter.setLimits({});
  await database.query(
    `UPDATE "${database.schema}".rate_limits SET format = 2 WHERE account = $1`,
    [processes.account],
  );
  const refused = call(limiter);
  await processes.clock.advance(0);
  expect(String(refused.error)).toMatch(/have the format 2, which this version does not know/);
  await database.query(`DELETE FROM "${database.schema}".rate_limits WHERE account = $1`, [
    processes.account,
  ]);
});

test("a slot that arrives too late is returned, and another one is booked", async () => {
  await using processes = new Processes(database);
  const delays = [0, 400];
  const limits = { requestsPerMinute: 1 };
  const far = processes.start({ limits, latencyMs: () => delays.shift() ?? 0 });
  const near = processes.start();
  const usedAt: number[] = [];
  const use = (limiter: RateLimiter) =>
    call(limiter).ended.then(() => usedAt.push(processes.clock.now()));
  void use(far);
  await processes.clock.advance(10);
  void use(near);
  await processes.clock.advance(5000);
  const [first = 0, second = 0] = usedAt;
  expect(usedAt).toHaveLength(2);
  expect(second - first).toBeGreaterThanOrEqual(1000);
});

test("with any clocks, delays and order, each window stays within the limits, and no slot is lost", async () => {
  const processCount = 3;
  const scenario = record({
    // A minute of a second, in which answers come late, or of a minute, in which slots are booked ahead.
    windowMs: constantFrom(1000, 60_000),
    requestsPerMinute: option(integer({ min: 1, max: 12 }), { nil: undefined }),
    maxConcurrency: option(integer({ min: 1, max: 4 }), { nil: undefined }),
    skews: array(integer({ min: -9000, max: 9000 }), {
      minLength: processCount,
      maxLength: processCount,
    }),
    breaks: array(
      constantFrom(undefined, undefined, undefined, "before" as const, "after" as const),
      {
        minLength: 1,
        maxLength: 11,
      },
    ).filter((breaks) => breaks.includes(undefined)),
    // Now and then an answer takes longer than the one before, and a slot comes too late.
    latencies: array(integer({ min: 0, max: 60 }), { minLength: 7, maxLength: 7 }),
    planned: array(
      record({
        at: integer({ min: 0, max: 2500 }),
        process: integer({ min: 0, max: processCount - 1 }),
        priority: integer({ min: 0, max: 2 }),
        durationMs: integer({ min: 0, max: 800 }),
        isAnswered: boolean(),
        patienceMs: option(integer({ min: 0, max: 2000 }), { nil: undefined, freq: 4 }),
      }),
      { minLength: 10, maxLength: 30 },
    ),
  });
  await assert(
    asyncProperty(scenario, async ({ windowMs, skews, latencies, breaks, planned, ...limits }) => {
      await using processes = new Processes(database);
      const { clock } = processes;
      const draw = <Item>(items: readonly Item[]) => {
        let draws = 0;
        return () => items[(draws += 1) % items.length];
      };
      let isOver = false;
      // Each process draws for itself, so that none has bad luck forever.
      const limiters = skews.map((skewMs) => {
        const [drawLatency, drawBreak] = [draw(latencies), draw(breaks)];
        return processes.start({
          skewMs,
          limits,
          windowMs,
          latencyMs: () => drawLatency() ?? 0,
          breaks: () => (isOver ? undefined : drawBreak()),
        });
      });
      const usedAt: number[] = [];
      let inFlight = 0;
      let ended = 0;
      const make = async ({
        at,
        process,
        priority,
        durationMs,
        isAnswered,
        patienceMs,
      }: (typeof planned)[0]) => {
        await clock.sleep(at);
        const caller = new AbortController();
        if (patienceMs !== undefined) clock.after(patienceMs, () => caller.abort("enough"));
        const asked = call(limiters[process] as RateLimiter, { priority, signal: caller.signal });
        await asked.ended;
        ended += 1;
        if (!asked.slot) return;
        usedAt.push(clock.now());
        inFlight += 1;
        expect(inFlight).toBeLessThanOrEqual(limits.maxConcurrency ?? Infinity);
        await clock.sleep(durationMs);
        inFlight -= 1;
        await asked.slot.settle({ isAnswered });
      };
      const made = Promise.all(planned.map(make));
      await clock.advance(40 * windowMs);
      expect(ended).toBe(planned.length);
      await made;
      for (const from of usedAt) {
        const within = usedAt.filter((at) => at >= from && at < from + windowMs);
        expect(within.length).toBeLessThanOrEqual(limits.requestsPerMinute ?? Infinity);
      }
      isOver = true;
      await clock.advance(10_000);
      const state = limiters[0]?.state();
      await clock.advance(1000);
      expect(await state).toMatchObject({
        inFlight: 0,
        waiting: 0,
        remaining: limits.requestsPerMinute ?? Infinity,
        day: { used: usedAt.length },
      });
    }),
    { numRuns: 15 },
  );
});

describe("a limiter that is closed", () => {
  test("returns the slots that it has not used", async () => {
    await using processes = new Processes(database);
    const limits = { requestsPerMinute: 6, maxConcurrency: 6 };
    const closing = processes.start({ limits, windowMs: 60_000 });
    const other = processes.start({ windowMs: 60_000 });
    const [first, second] = calls(2, closing);
    await processes.clock.advance(0);
    expect((await other.state()).remaining).toBe(3);
    const closed = closing.close();
    await processes.clock.advance(0);
    await closed;
    expect(await other.state()).toMatchObject({ remaining: 4, inFlight: 2 });
    expect(processes.clock.sleeping).toBe(0);
    for (const each of [first, second]) await each?.slot?.settle();
    await processes.clock.advance(0);
    expect(await other.state()).toMatchObject({ remaining: 4, inFlight: 0 });
    expect(processes.clock.sleeping).toBe(0);
  });

  test("leaves no call waiting, neither here nor elsewhere", async () => {
    await using processes = new Processes(database);
    const closing = processes.start({ limits: { maxConcurrency: 1 } });
    const other = processes.start();
    const [first, waiting] = calls(2, closing, { priority: 2 });
    await processes.clock.advance(0);
    const elsewhere = call(other);
    await processes.clock.advance(0);
    await first?.slot?.settle();
    const closed = closing.close();
    await processes.clock.advance(0);
    await closed;
    expect(String(waiting?.error)).toMatch(/closed/);
    await expect(closing.acquire()).rejects.toThrow(/closed/);
    expect(elsewhere.slot?.waitedMs).toBe(0);
  });
});

test.each([
  { windowMs: 0 },
  { safetyMarginMs: -1 },
  { limits: { requestsPerMinute: 0 } },
  { slotsAhead: -1 },
  { deadAfterMs: 0 },
])("refuses %o", (options) => {
  expect(() => new PostgresRateLimiter({ database, account: "a", ...options })).toThrow(RangeError);
});
