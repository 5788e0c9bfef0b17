import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { createRateLimiter } from "./create-rate-limiter.ts";
import { describeRateLimiter } from "../../testing/rate-limiter/conformance.ts";
import { call, calls } from "../../testing/rate-limiter/limiter-under-test.ts";

describeRateLimiter(
  "createRateLimiter",
  async ({ startAt, ...options }) => {
    const clock = new FakeClock(startAt);
    return {
      limiter: createRateLimiter({ ...options, clock }),
      clock,
      [Symbol.asyncDispose]: async () => undefined,
    };
  },
  { numRuns: 300 },
);

describe("createRateLimiter", () => {
  const limits = { requestsPerMinute: 1 };

  test("has a minute of 60 seconds and a margin of one, and no limits", async () => {
    const clock = new FakeClock();
    const unlimited = createRateLimiter({ clock });
    const many = calls(1000, unlimited);
    await clock.advance(0);
    expect(many.every(({ slot }) => slot?.waitedMs === 0)).toBe(true);

    const [, second] = calls(2, createRateLimiter({ clock, limits }));
    await clock.advance(0);
    expect(second?.waits).toEqual([61_000]);
  });

  test("grants and refuses in the order of the calls, before any other work runs", async () => {
    const limiter = createRateLimiter({ clock: new FakeClock(), limits });
    const granted = limiter.acquire();
    void limiter.acquire().catch(() => undefined);
    expect(await limiter.state()).toMatchObject({ inFlight: 1, waiting: 1 });
    expect((await granted).waitedMs).toBe(0);
  });

  test("runs one timer while calls wait for time to pass, none otherwise", async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ clock, limits });
    const caller = new AbortController();
    calls(1, limiter);
    await clock.advance(0);
    expect(clock.sleeping).toBe(0);
    calls(20, limiter, { signal: caller.signal });
    await clock.advance(0);
    expect(clock.sleeping).toBe(1);
    await limiter.backOff({ scope: "minute", until: clock.now() + 90_000 });
    await clock.advance(0);
    expect(clock.sleeping).toBe(1);
    caller.abort();
    await clock.advance(0);
    expect(clock.sleeping).toBe(0);
  });

  test("runs no timer while calls wait for others to end", async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ clock, limits: { maxConcurrency: 1 } });
    calls(2, limiter);
    await clock.advance(0);
    expect(clock.sleeping).toBe(0);
  });

  test("leaves no timer after a call whose listener throws", async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ clock, limits });
    calls(1, limiter);
    const onWait = () => {
      throw new Error("a broken listener");
    };
    await expect(limiter.acquire({ onWait })).rejects.toThrow("a broken listener");
    expect(clock.sleeping).toBe(0);
  });

  test("leaves nothing behind on a signal, whether its call was granted, failed or aborted", async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ clock, limits: { ...limits, requestsPerDay: 2 } });
    const caller = new AbortController();
    const staying = new AbortController();
    calls(3, limiter, { signal: staying.signal });
    calls(2, limiter, { signal: caller.signal });
    const listening = () =>
      [caller, staying].map(({ signal }) => getEventListeners(signal, "abort").length);
    expect(listening()).toEqual([1, 1]);
    caller.abort();
    await clock.advance(61_000);
    expect(listening()).toEqual([0, 0]);
  });

  test("sets its timer again only if the instant changes", async () => {
    const clock = new FakeClock();
    let timers = 0;
    const sleep: FakeClock["sleep"] = (...asked) => {
      timers += 1;
      return clock.sleep(...asked);
    };
    const limiter = createRateLimiter({
      clock: { now: clock.now, sleep, after: clock.after },
      limits: { requestsPerMinute: 50 },
    });
    const all = calls(60, limiter);
    await clock.advance(0);
    for (const { slot } of all) await slot?.settle();
    expect(timers).toBe(1);
  });

  test("lets tens of thousands of calls wait with one signal, and grants them in their order", async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({
      clock,
      limits: { requestsPerMinute: 10_000, tokensPerMinute: 200_000 },
    });
    const { signal } = new AbortController();
    let granted = 0;
    let isInOrder = true;
    for (let number = 0; number < 40_000; number += 1) {
      void call(limiter, { signal, tokens: 10 }).ended.then(() => {
        isInOrder &&= granted === number;
        granted += 1;
        return undefined;
      });
    }
    await clock.advance(61_000);
    expect(granted).toBe(20_000);
    await clock.advance(122_000);
    expect([granted, isInOrder]).toEqual([40_000, true]);
    expect((await limiter.state()).tokens.remaining).toBe(100_000);
    await clock.advance(61_000);
    expect((await limiter.state()).tokens.remaining).toBe(200_000);
  });

  test.each([
    { windowMs: 0 },
    { windowMs: Infinity },
    { safetyMarginMs: -1 },
    { safetyMarginMs: Number.NaN },
    { limits: { requestsPerMinute: 0 } },
    { limits: { tokensPerMinute: 0.5 } },
    { limits: { requestsPerDay: -3 } },
    { limits: { maxConcurrency: Number.NaN } },
  ])("refuses %o", (options) => {
    expect(() => createRateLimiter({ clock: new FakeClock(), ...options })).toThrow(RangeError);
  });

  test.each([
    { tokens: -1 },
    { tokens: Number.NaN },
    { tokens: Infinity },
    { priority: Number.NaN },
  ])("refuses a call with %o", async (options) => {
    const limiter = createRateLimiter({ clock: new FakeClock() });
    await expect(limiter.acquire(options)).rejects.toThrow(RangeError);
    expect((await limiter.state()).inFlight).toBe(0);
  });

  test("refuses to settle with an invalid number of tokens, and the slot can be settled again", async () => {
    const limiter = createRateLimiter({ clock: new FakeClock() });
    const slot = await limiter.acquire();
    await expect(slot.settle({ tokens: Number.NaN })).rejects.toThrow(RangeError);
    await slot.settle();
    expect((await limiter.state()).inFlight).toBe(0);
  });
});
