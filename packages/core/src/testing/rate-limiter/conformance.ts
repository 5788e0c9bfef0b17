import { describe, expect, test } from "vitest";
import { checkInput } from "../../input/check-input.ts";
import { callback } from "../../input/schemas.ts";
import { ModelError } from "../../errors/model-error.ts";
import { call, calls, type MakeLimiter } from "./limiter-under-test.ts";
import { rateLimiterProperties } from "./properties.ts";

const windowMs = 6000;
const marginMs = 100;
const spanMs = windowMs + marginMs;
const midnight = Date.UTC(2026, 4, 6);
const dayMs = 86_400_000;

/**
 * The behaviour that every rate limiter must have, wherever its state is. Call it inside a `describe`.
 *
 * @param numRuns - Scenarios that each property test tries. @defaultValue `100`
 */
export function rateLimiterConformance(
  makeLimiter: MakeLimiter,
  { numRuns = 100 }: { readonly numRuns?: number } = {},
): void {
  checkInput(callback, makeLimiter, "rateLimiterConformance()", "makeLimiter");
  const make = (options: Partial<Parameters<MakeLimiter>[0]>) =>
    makeLimiter({ windowMs, safetyMarginMs: marginMs, startAt: midnight + 1000, ...options });

  describe("requests in a minute", () => {
    test("go at once up to the limit, the next after a window and the margin", async () => {
      await using made = await make({ limits: { requestsPerMinute: 3 } });
      const { limiter, clock } = made;
      const first = calls(3, limiter);
      const fourth = call(limiter);
      await clock.advance(0);
      expect(first.map(({ slot }) => slot?.waitedMs)).toEqual([0, 0, 0]);
      expect(first.map(({ waits }) => waits)).toEqual([[], [], []]);
      await clock.advance(spanMs - 1);
      expect(fourth.slot).toBeUndefined();
      await clock.advance(1);
      expect(fourth.slot).toMatchObject({
        grantedAt: midnight + 1000 + spanMs,
        waitedMs: spanMs,
      });
      expect(fourth.waits).toEqual([spanMs]);
    });

    test("that were answered within the margin free their places a window after that", async () => {
      await using made = await make({ limits: { requestsPerMinute: 3 } });
      const { limiter, clock } = made;
      const [soon, late, unanswered] = calls(3, limiter);
      const [fourth, fifth, sixth] = calls(3, limiter);
      await clock.advance(10);
      await soon?.slot?.settle({ isAnswered: true });
      await unanswered?.slot?.settle();
      await clock.advance(marginMs);
      await late?.slot?.settle({ isAnswered: true });
      await clock.advance(2 * spanMs);
      const driftMs = windowMs / 1000;
      expect([fourth, fifth, sixth].map((each) => each?.slot?.waitedMs)).toEqual([
        10 + windowMs + driftMs,
        spanMs,
        spanMs,
      ]);
    });

    test("each free a place a window after themselves", async () => {
      await using made = await make({ limits: { requestsPerMinute: 2 } });
      const { limiter, clock } = made;
      call(limiter);
      await clock.advance(500);
      call(limiter);
      const [third, fourth, fifth] = calls(3, limiter);
      await clock.advance(3 * spanMs);
      expect([third, fourth, fifth].map((each) => each?.waits)).toEqual([
        [spanMs - 500],
        [spanMs],
        [2 * spanMs - 500],
      ]);
      expect([third, fourth, fifth].map((each) => each?.slot?.waitedMs)).toEqual([
        spanMs - 500,
        spanMs,
        2 * spanMs - 500,
      ]);
    });

    test("keep 97 % of what the account allows, by the default margin", async () => {
      const limits = { requestsPerMinute: 60 };
      await using made = await make({ limits, safetyMarginMs: undefined });
      const all = calls(300, made.limiter);
      await made.clock.advance(60_000);
      const tookMs = Math.max(...all.map(({ slot }) => slot?.waitedMs ?? Infinity));
      expect((4 * windowMs) / tookMs).toBeGreaterThanOrEqual(0.97);
      expect(tookMs).toBeGreaterThan(4 * windowMs);
    });
  });

  describe("tokens in a minute", () => {
    test("wait until enough of them are free, and not a millisecond less", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      call(limiter, { tokens: 400 });
      await clock.advance(1000);
      call(limiter, { tokens: 500 });
      const third = call(limiter, { tokens: 501 });
      await clock.advance(spanMs - 1001);
      expect(third.slot).toBeUndefined();
      await clock.advance(1);
      expect(third.slot).toBeUndefined();
      await clock.advance(999);
      expect(third.slot).toBeUndefined();
      await clock.advance(1);
      expect(third.slot?.waitedMs).toBe(spanMs);
      expect(third.waits).toEqual([spanMs]);
    });

    test("that fit exactly are granted at once, and are rounded up", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const both = [400, 599.5].map((tokens) => call(made.limiter, { tokens }));
      await made.clock.advance(0);
      expect(both.map(({ slot }) => slot?.waitedMs)).toEqual([0, 0]);
      expect((await made.limiter.state()).tokens.remaining).toBe(0);
    });

    test("of earlier calls are included in the wait that a call is notified of", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const all = calls(6, limiter, { tokens: 500 });
      await clock.advance(2 * spanMs);
      expect(all.map(({ waits }) => waits[0] ?? 0)).toEqual(
        [0, 0, 1, 1, 2, 2].map((windows) => windows * spanMs),
      );
      expect(all.map(({ slot }) => slot?.waitedMs)).toEqual(all.map(({ waits }) => waits[0] ?? 0));
    });

    test("a large call is not overtaken by small ones that would fit", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      call(limiter, { tokens: 500 });
      const large = call(limiter, { tokens: 1000 });
      const small = call(limiter, { tokens: 1 });
      await clock.advance(spanMs - 1);
      expect([large.slot, small.slot]).toEqual([undefined, undefined]);
      await clock.advance(1);
      expect(large.slot).toBeDefined();
      expect(small.slot).toBeUndefined();
      await clock.advance(spanMs);
      expect(small.slot).toBeDefined();
    });

    test("a call that exceeds the limit fails at once, with an error that says what to change", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const [fits, over] = [
        call(made.limiter, { tokens: 1000 }),
        call(made.limiter, { tokens: 1001 }),
      ];
      await made.clock.advance(0);
      expect(fits.slot).toBeDefined();
      expect(over.error).toBeInstanceOf(ModelError);
      expect(over.error).toMatchObject({ kind: "invalid_request_error" });
      expect(String(over.error)).toMatch(/1001 tokens.*LLM_TOKENS_PER_MINUTE=1000/);
      expect(await made.limiter.state()).toMatchObject({ waiting: 0, inFlight: 1 });
    });

    test("that were estimated too high are free at once when the call is settled", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const first = call(limiter, { tokens: 900 });
      const second = call(limiter, { tokens: 600 });
      await clock.advance(10);
      await first.slot?.settle({ tokens: 401 });
      await clock.advance(0);
      expect(second.slot).toBeUndefined();
      expect((await limiter.state()).tokens.remaining).toBe(599);

      const third = call(limiter, { tokens: 1 });
      await clock.advance(spanMs - 10);
      await third.slot?.settle({ tokens: 0 });
      expect(second.slot?.waitedMs).toBe(spanMs);

      await second.slot?.settle({ tokens: 100 });
      expect((await limiter.state()).tokens.remaining).toBe(900);
    });

    test("that were estimated too low hold the next calls back", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const first = call(limiter, { tokens: 100 });
      await clock.advance(0);
      await first.slot?.settle({ tokens: 1500 });
      const next = call(limiter, { tokens: 1 });
      await clock.advance(spanMs - 1);
      expect(next.slot).toBeUndefined();
      await clock.advance(1);
      expect(next.slot).toBeDefined();
    });

    test("of a settled call whose window has passed count no more", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const first = call(limiter, { tokens: 100 });
      await clock.advance(spanMs);
      await first.slot?.settle({ tokens: 900 });
      expect((await limiter.state()).tokens.remaining).toBe(1000);
    });
  });

  describe("calls in flight", () => {
    test("are never more than the limit; one that ends lets the next go", async () => {
      await using made = await make({ limits: { maxConcurrency: 2 } });
      const { limiter, clock } = made;
      const [first, second, third, fourth] = calls(4, limiter);
      await clock.advance(60_000);
      expect([first, second, third, fourth].map((each) => each?.slot !== undefined)).toEqual([
        true,
        true,
        false,
        false,
      ]);
      expect(third?.waits).toEqual([0]);
      await second?.slot?.settle();
      await clock.advance(0);
      expect(third?.slot?.waitedMs).toBe(60_000);
      expect(fourth?.slot).toBeUndefined();
    });

    test("end once, however often they are settled", async () => {
      await using made = await make({ limits: { maxConcurrency: 2, tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const [first, , third, fourth] = calls(4, limiter, { tokens: 10 });
      await clock.advance(0);
      await first?.slot?.settle({ tokens: 20 });
      await first?.slot?.settle({ tokens: 300 });
      await first?.slot?.[Symbol.asyncDispose]();
      await clock.advance(0);
      expect(third?.slot).toBeDefined();
      expect(fourth?.slot).toBeUndefined();
      expect(await limiter.state()).toMatchObject({ inFlight: 2, tokens: { remaining: 960 } });
    });

    test("end where a task throws, if the slot is disposed of", async () => {
      await using made = await make({ limits: { maxConcurrency: 1 } });
      const task = async () => {
        await using _slot = await made.limiter.acquire();
        throw new Error("the task failed");
      };
      await expect(task()).rejects.toThrow("the task failed");
      expect((await made.limiter.state()).inFlight).toBe(0);
    });
  });

  describe("the day", () => {
    test("ends in an error that says when it resets, how many it was and what to set", async () => {
      await using made = await make({ limits: { requestsPerDay: 2 } });
      const { limiter, clock } = made;
      const [, , third] = calls(3, limiter);
      await clock.advance(0);
      expect(third?.error).toBeInstanceOf(ModelError);
      expect(third?.error).toMatchObject({
        kind: "quota_error",
        details: { reason: "daily_quota" },
        retryAfterMs: dayMs - 1000,
      });
      expect(String(third?.error)).toMatch(
        /2 requests in a UTC day.*2026-05-07T00:00:00\.000Z.*LLM_REQUESTS_PER_DAY/,
      );
      expect(third?.waits).toEqual([]);
    });

    test("fails the calls that wait for the minute as soon as its last call is granted", async () => {
      await using made = await make({ limits: { requestsPerMinute: 1, requestsPerDay: 2 } });
      const { limiter, clock } = made;
      const [, second, third] = calls(3, limiter);
      await clock.advance(spanMs - 1);
      expect([second?.slot, third?.error]).toEqual([undefined, undefined]);
      await clock.advance(1);
      expect(second?.slot).toBeDefined();
      expect(third?.error).toMatchObject({ kind: "quota_error" });
    });

    test("ends at midnight UTC, not before", async () => {
      await using made = await make({ limits: { requestsPerDay: 1 } });
      const { limiter, clock } = made;
      call(limiter);
      await clock.advance(dayMs - 1001);
      const before = call(limiter);
      await clock.advance(1);
      const after = call(limiter);
      await clock.advance(0);
      expect(before.error).toMatchObject({ kind: "quota_error", retryAfterMs: 1 });
      expect(after.slot?.grantedAt).toBe(midnight + dayMs);
    });

    test("counts a call just before midnight in both days, for it may arrive in either", async () => {
      for (const [beforeMs, isCountedTwice] of [
        [marginMs, true],
        [marginMs + 1, false],
      ] as const) {
        const startAt = midnight - beforeMs;
        await using made = await make({ limits: { requestsPerDay: 1 }, startAt });
        call(made.limiter);
        await made.clock.advance(beforeMs);
        const next = call(made.limiter);
        await made.clock.advance(0);
        expect(next.error !== undefined).toBe(isCountedTwice);
      }
    });

    test("forgets such a call when the day after it ends", async () => {
      for (const daysLater of [1, 2]) {
        const startAt = midnight - 1;
        await using made = await make({ limits: { requestsPerDay: 5 }, startAt });
        const { limiter, clock } = made;
        call(limiter);
        await clock.advance(1);
        expect((await limiter.state()).day.used).toBe(1);
        await clock.advance(daysLater * dayMs);
        expect((await limiter.state()).day.used).toBe(0);
      }
    });

    test("forgets such a call also if no other call was made in between", async () => {
      await using made = await make({ limits: { requestsPerDay: 5 }, startAt: midnight - 1 });
      call(made.limiter);
      await made.clock.advance(2 * dayMs);
      expect((await made.limiter.state()).day.used).toBe(0);
    });

    test("is waited for with onDayExceeded: delay", async () => {
      const limits = { requestsPerDay: 2 };
      await using made = await make({ limits, onDayExceeded: "delay" });
      const { limiter, clock } = made;
      const [, , third, fourth, fifth] = calls(5, limiter);
      await clock.advance(dayMs - 1001);
      expect(third?.slot).toBeUndefined();
      await clock.advance(1);
      expect(third?.slot?.grantedAt).toBe(midnight + dayMs);
      expect(fourth?.slot?.grantedAt).toBe(midnight + dayMs);
      expect(fifth?.slot).toBeUndefined();
      await clock.advance(dayMs);
      expect(fifth?.slot?.grantedAt).toBe(midnight + 2 * dayMs);
      expect([third, fourth, fifth].map((each) => each?.waits)).toEqual([
        [dayMs - 1000],
        [dayMs - 1000],
        [2 * dayMs - 1000],
      ]);
    });

    test("takes over what the server counted, and never lowers the count", async () => {
      await using made = await make({ limits: { requestsPerDay: 10 } });
      const { limiter, clock } = made;
      calls(3, limiter);
      await limiter.countDay(2);
      expect((await limiter.state()).day.used).toBe(3);
      await limiter.countDay(9);
      const [last, none] = calls(2, limiter);
      await clock.advance(0);
      expect([last?.slot !== undefined, none?.error !== undefined]).toEqual([true, true]);
      await clock.advance(dayMs);
      expect((await limiter.state()).day.used).toBe(0);
    });

    test("fails waiting calls when the server's count uses it up", async () => {
      await using made = await make({ limits: { requestsPerMinute: 1, requestsPerDay: 10 } });
      const [, waiting] = calls(2, made.limiter);
      await made.limiter.countDay(10);
      await made.clock.advance(0);
      expect(waiting?.error).toMatchObject({ kind: "quota_error" });
    });
  });

  describe("priorities", () => {
    test("a higher one goes first, and within one the earlier call", async () => {
      await using made = await make({ limits: { requestsPerMinute: 1 } });
      const { limiter, clock } = made;
      const order: string[] = [];
      const ask = (name: string, priority?: Parameters<typeof limiter.acquire>[0]) =>
        void call(limiter, priority).ended.then(() => order.push(name));
      ask("first");
      ask("researcher", { priority: 0 });
      ask("plain");
      ask("last", { priority: -1 });
      ask("validator", { priority: 1 });
      ask("executor", { priority: 2 });
      ask("urgent", { priority: 2.5 });
      ask("another executor", { priority: 2 });
      await clock.advance(8 * spanMs);
      expect(order).toEqual([
        "first",
        "urgent",
        "executor",
        "another executor",
        "validator",
        "researcher",
        "plain",
        "last",
      ]);
    });

    test("a call of a higher priority is notified of a shorter wait", async () => {
      await using made = await make({ limits: { requestsPerMinute: 1 } });
      const { limiter, clock } = made;
      const [, , third] = calls(3, limiter);
      await clock.advance(0);
      const executor = call(limiter, { priority: 2 });
      await clock.advance(0);
      expect(third?.waits).toEqual([2 * spanMs]);
      expect(executor.waits).toEqual([spanMs]);
    });
  });

  describe("an abort", () => {
    const reason = new Error("the user left");

    test("before the call throws its reason and counts nowhere", async () => {
      await using made = await make({ limits: { requestsPerMinute: 1 } });
      const aborted = call(made.limiter, { signal: AbortSignal.abort(reason) });
      await made.clock.advance(0);
      expect(aborted.error).toBe(reason);
      expect(await made.limiter.state()).toMatchObject({ remaining: 1, inFlight: 0, waiting: 0 });
    });

    test("while waiting settles at once, and lets the next take the place", async () => {
      await using made = await make({ limits: { requestsPerMinute: 1 } });
      const { limiter, clock } = made;
      const caller = new AbortController();
      call(limiter);
      const leaving = call(limiter, { signal: caller.signal });
      const next = call(limiter);
      await clock.advance(100);
      caller.abort(reason);
      await clock.advance(0);
      expect(leaving.error).toBe(reason);
      expect((await limiter.state()).waiting).toBe(1);
      await clock.advance(spanMs - 100);
      expect(next.slot?.waitedMs).toBe(spanMs);
    });

    test("of a large call lets a small one behind it go at once", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const caller = new AbortController();
      call(limiter, { tokens: 500 });
      const large = call(limiter, { tokens: 1000, signal: caller.signal });
      const small = call(limiter, { tokens: 400 });
      const sameCaller = call(limiter, { tokens: 1, signal: caller.signal });
      await clock.advance(0);
      caller.abort(reason);
      await clock.advance(0);
      expect([large.error, sameCaller.error]).toEqual([reason, reason]);
      expect(small.slot?.waitedMs).toBe(0);
      expect(await limiter.state()).toMatchObject({ inFlight: 2, waiting: 0 });
    });

    test("grants nothing to those behind who abort by the same signal", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const caller = new AbortController();
      call(limiter, { tokens: 500 });
      const large = call(limiter, { tokens: 1000, signal: caller.signal });
      const small = call(limiter, { tokens: 1, signal: caller.signal });
      await clock.advance(0);
      caller.abort(reason);
      await clock.advance(0);
      expect([large.error, small.error]).toEqual([reason, reason]);
      expect((await limiter.state()).inFlight).toBe(1);
    });

    test("after the grant changes nothing", async () => {
      await using made = await make({ limits: { maxConcurrency: 1 } });
      const caller = new AbortController();
      const granted = call(made.limiter, { signal: caller.signal });
      await made.clock.advance(0);
      caller.abort(reason);
      await made.clock.advance(0);
      expect([granted.slot !== undefined, granted.error]).toEqual([true, undefined]);
      expect((await made.limiter.state()).inFlight).toBe(1);
    });
  });

  describe("an unforeseen refusal", () => {
    test("ends after maxRefusalMs, however long the server asks for", async () => {
      await using made = await make({ maxRefusalMs: 10_000 });
      const { limiter, clock } = made;
      await limiter.backOff({ scope: "minute", until: clock.now() + 1e12 });
      const waiting = call(limiter);
      await clock.advance(9999);
      expect(waiting.slot).toBeUndefined();
      await clock.advance(1);
      expect(waiting.slot).toMatchObject({ waitedMs: 10_000 });
    });

    test("fails calls while it lasts for longer than maxRefusalWaitMs, those that wait too", async () => {
      await using made = await make({ limits: { maxConcurrency: 1 }, maxRefusalWaitMs: 2000 });
      const { limiter, clock } = made;
      const first = call(limiter);
      const second = call(limiter);
      await clock.advance(0);
      expect([first.slot === undefined, second.slot === undefined]).toEqual([false, true]);
      await limiter.backOff({ scope: "minute", until: clock.now() + 10_000 });
      await clock.advance(0);
      await first.slot?.settle();
      const third = call(limiter);
      await clock.advance(0);
      for (const { error } of [second, third]) {
        expect(error).toMatchObject({ kind: "rate_limit_error", retryAfterMs: 10_000 });
      }
      await clock.advance(8000);
      const fourth = call(limiter);
      await clock.advance(1999);
      expect([fourth.slot, fourth.error]).toEqual([undefined, undefined]);
      await clock.advance(1);
      expect(fourth.slot).toBeDefined();
    });

    test("of the minute grants no slot before its end, and notifies the waiting calls", async () => {
      await using made = await make({ limits: { requestsPerMinute: 2 } });
      const { limiter, clock } = made;
      const start = clock.now();
      const [, , third] = calls(3, limiter);
      await clock.advance(1000);
      await limiter.backOff({ scope: "minute", until: start + 9000 });
      await limiter.backOff({ scope: "minute", until: start + 8000 });
      const [fourth, fifth] = calls(2, limiter);
      await clock.advance(7999);
      expect(third?.slot).toBeUndefined();
      expect(await limiter.state()).toMatchObject({ remaining: 0, resetAfterMs: 1, waiting: 3 });
      await clock.advance(1);
      expect(third?.slot?.grantedAt).toBe(start + 9000);
      expect(fourth?.slot?.grantedAt).toBe(start + 9000);
      expect(third?.waits).toEqual([spanMs, 8000, 8000]);
      expect(fifth?.waits).toEqual([8000 + spanMs]);
    });

    test("whose time has passed changes nothing", async () => {
      await using made = await make({ limits: { requestsPerDay: 5, maxConcurrency: 4 } });
      const { limiter, clock } = made;
      await clock.advance(1000);
      for (const scope of ["minute", "day", "concurrency"] as const) {
        await limiter.backOff({ scope, until: clock.now() });
      }
      const next = call(limiter);
      await clock.advance(0);
      expect(next.slot?.waitedMs).toBe(0);
      expect((await limiter.state()).maxInFlight).toBe(4);
    });

    test("of the day uses it up until its end, with a limit or without", async () => {
      for (const limits of [{ requestsPerDay: 50 }, {}]) {
        await using made = await make({ limits });
        const { limiter, clock } = made;
        const until = clock.now() + 5000;
        await limiter.backOff({ scope: "day", until });
        await clock.advance(4999);
        const before = call(limiter);
        await clock.advance(0);
        expect(before.error).toMatchObject({ kind: "quota_error", retryAfterMs: 1 });
        expect(String(before.error)).toContain(new Date(until).toISOString());
        expect((await limiter.state()).day.resetsAt).toBe(until);
        await clock.advance(1);
        const after = call(limiter);
        await clock.advance(0);
        expect(after.slot?.grantedAt).toBe(until);
      }
    });

    test("of the day fails those who wait for the minute, and no shorter one ends it", async () => {
      await using made = await make({ limits: { requestsPerMinute: 1 } });
      const { limiter, clock } = made;
      const [, waiting] = calls(2, limiter);
      await clock.advance(10);
      await limiter.backOff({ scope: "day", until: clock.now() + 9000 });
      await limiter.backOff({ scope: "day", until: clock.now() + 8000 });
      await clock.advance(8999);
      expect(waiting?.error).toMatchObject({ kind: "quota_error", retryAfterMs: 9000 });
      const late = call(limiter);
      await clock.advance(1);
      expect(late.error).toMatchObject({ kind: "quota_error", retryAfterMs: 1 });
      const after = call(limiter);
      await clock.advance(0);
      expect(after.slot).toBeDefined();
    });

    test("that never ends has a readable error too", async () => {
      await using made = await make({});
      await made.limiter.backOff({ scope: "day", until: Infinity });
      const refused = call(made.limiter);
      await made.clock.advance(0);
      expect(refused.error).toMatchObject({ kind: "quota_error" });
      await expect(made.limiter.backOff({ scope: "minute", until: Number.NaN })).rejects.toThrow(
        RangeError,
      );
    });

    test("of the day is forgotten when the account gets a larger day", async () => {
      await using made = await make({ limits: { requestsPerDay: 50 } });
      const { limiter, clock } = made;
      await limiter.backOff({ scope: "day", until: midnight + dayMs });
      expect((await limiter.state()).day).toMatchObject({ used: 50, limit: 50 });
      await limiter.setLimits({ requestsPerMinute: 90, requestsPerDay: 49 });
      const refused = call(limiter);
      await limiter.setLimits({ requestsPerDay: 1000 });
      const next = call(limiter);
      await clock.advance(0);
      expect(refused.error).toMatchObject({ kind: "quota_error" });
      expect(next.slot).toBeDefined();
    });

    test("for calls in flight halves them until its end, then lets one more go at a time", async () => {
      await using made = await make({ limits: { maxConcurrency: 8 } });
      const { limiter, clock } = made;
      const first = calls(8, limiter);
      await clock.advance(10);
      for (const { slot } of first) {
        await limiter.backOff({
          scope: "concurrency",
          until: midnight + 3000,
          grantedAt: slot?.grantedAt,
        });
        await slot?.settle();
      }
      const second = calls(8, limiter);
      const going = () => second.filter(({ slot }) => slot).length;
      await clock.advance(0);
      expect([going(), (await limiter.state()).maxInFlight]).toEqual([4, 4]);
      await clock.advance(1990 + windowMs / 10 - 1);
      expect(going()).toBe(4);
      await clock.advance(1);
      expect(going()).toBe(5);
      await clock.advance((3 * windowMs) / 10 - 1);
      expect(going()).toBe(7);
      await clock.advance(1);
      expect(going()).toBe(8);
      await clock.advance(60_000);
      expect((await limiter.state()).maxInFlight).toBe(8);
    });

    test("for calls in flight that says nothing of the call counts once at one instant", async () => {
      await using made = await make({});
      const { limiter, clock } = made;
      const all = calls(8, limiter);
      await clock.advance(10);
      for (const { slot } of all) {
        await limiter.backOff({ scope: "concurrency", until: clock.now() + 1000 });
        await slot?.settle();
      }
      expect((await limiter.state()).maxInFlight).toBe(4);
    });

    test("for calls in flight shrinks again when a call of after the first is refused", async () => {
      await using made = await make({});
      const { limiter, clock } = made;
      const until = midnight + 60_000;
      const refuse = (grantedAt?: number) =>
        limiter.backOff({ scope: "concurrency", until, grantedAt });
      const first = calls(5, limiter);
      await clock.advance(10);
      await refuse(first[0]?.slot?.grantedAt);
      expect((await limiter.state()).maxInFlight).toBe(2);
      for (const { slot } of first) await slot?.settle();
      const [again] = calls(2, limiter);
      await clock.advance(10);
      await limiter.backOff({ scope: "concurrency", until, grantedAt: clock.now() });
      expect((await limiter.state()).maxInFlight).toBe(1);
      await again?.slot?.settle();
      await clock.advance(10);
      await refuse();
      await refuse();
      expect((await limiter.state()).maxInFlight).toBe(1);
    });
  });

  describe("new limits", () => {
    test("that are higher let those who wait go at once", async () => {
      await using made = await make({ limits: { requestsPerMinute: 1 } });
      const { limiter, clock } = made;
      const [, second, third, fourth] = calls(4, limiter);
      await clock.advance(10);
      await limiter.setLimits({ requestsPerMinute: 3 });
      await clock.advance(0);
      expect([second, third].map((each) => each?.slot?.waitedMs)).toEqual([10, 10]);
      expect(fourth?.slot).toBeUndefined();
      expect(fourth?.waits).toEqual([3 * spanMs, spanMs - 10]);
    });

    test("that are lower count what was granted before", async () => {
      await using made = await make({ limits: {} });
      const { limiter, clock } = made;
      calls(5, limiter);
      await limiter.setLimits({ requestsPerMinute: 3 });
      const next = calls(4, limiter);
      await clock.advance(spanMs - 1);
      expect(next.some(({ slot }) => slot)).toBe(false);
      await clock.advance(1);
      expect(next.map(({ slot }) => slot !== undefined)).toEqual([true, true, true, false]);
    });

    test("leave the others as they are, and Infinity lifts one", async () => {
      const limits = { requestsPerMinute: 2, tokensPerMinute: 9, requestsPerDay: 5 };
      await using made = await make({ limits: { ...limits, maxConcurrency: 3 } });
      const seen = async () => {
        const { limit, tokens, day, maxInFlight } = await made.limiter.state();
        return [limit, tokens.limit, day.limit, maxInFlight];
      };
      await made.limiter.setLimits({});
      expect(await seen()).toEqual([2, 9, 5, 3]);
      await made.limiter.setLimits({ requestsPerDay: 50, maxConcurrency: Infinity });
      expect(await seen()).toEqual([2, 9, 50, Infinity]);
    });

    test("that no longer hold a waiting call's tokens fail it at once, and no other", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      call(limiter, { tokens: 1000 });
      const large = call(limiter, { tokens: 900 });
      const small = call(limiter, { tokens: 300 });
      await limiter.setLimits({ tokensPerMinute: 300 });
      await clock.advance(0);
      expect(large.error).toMatchObject({ kind: "invalid_request_error" });
      await clock.advance(spanMs);
      expect(small.slot).toBeDefined();
    });

    test("that are none are refused, and the old ones stay", async () => {
      await using made = await make({ limits: { requestsPerMinute: 2 } });
      for (const requestsPerMinute of [0, -1, 1.5, Number.NaN]) {
        await expect(made.limiter.setLimits({ requestsPerMinute })).rejects.toThrow(RangeError);
      }
      expect((await made.limiter.state()).limit).toBe(2);
    });
  });

  test("the state says what is left, how long a call would wait and when all is there again", async () => {
    const limits = { requestsPerMinute: 3, tokensPerMinute: 1000, requestsPerDay: 9 };
    await using made = await make({ limits: { ...limits, maxConcurrency: 5 } });
    const { limiter, clock } = made;
    const unused = await limiter.state();
    expect(unused).toEqual({
      limit: 3,
      remaining: 3,
      delayMs: 0,
      resetAfterMs: 0,
      tokens: { limit: 1000, remaining: 1000 },
      inFlight: 0,
      maxInFlight: 5,
      waiting: 0,
      day: { limit: 9, used: 0, resetsAt: midnight + dayMs },
    });
    call(limiter, { tokens: 100 });
    await clock.advance(600);
    calls(3, limiter, { tokens: 100 });
    await clock.advance(0);
    expect(await limiter.state()).toEqual({
      ...unused,
      remaining: 0,
      delayMs: spanMs,
      resetAfterMs: spanMs,
      tokens: { limit: 1000, remaining: 700 },
      inFlight: 3,
      waiting: 1,
      day: { limit: 9, used: 3, resetsAt: midnight + dayMs },
    });
  });

  test("a caller that aborts or throws in onWait does not affect other calls", async () => {
    await using made = await make({ limits: { requestsPerMinute: 1 } });
    const { limiter, clock } = made;
    const caller = new AbortController();
    const [first] = calls(1, limiter);
    const thrown = new Error("a broken listener");
    const throwing = call(limiter, {
      onWait: () => {
        throw thrown;
      },
    });
    const leaving = call(limiter, {
      signal: caller.signal,
      onWait: () => caller.abort("not so long"),
    });
    const patient = call(limiter);
    await clock.advance(spanMs);
    expect(first?.slot).toBeDefined();
    expect(throwing.error).toBe(thrown);
    expect(leaving.error).toBe("not so long");
    expect(patient.slot?.waitedMs).toBe(spanMs);
  });

  test("a call that ends while others are notified of a refusal is neither notified nor counted", async () => {
    await using made = await make({ limits: { requestsPerMinute: 1 } });
    const { limiter, clock } = made;
    const caller = new AbortController();
    let notified = 0;
    calls(1, limiter);
    call(limiter, {
      onWait: () => {
        notified += 1;
        if (notified === 2) caller.abort("no longer needed");
      },
    });
    const leaving = call(limiter, { signal: caller.signal });
    const last = call(limiter);
    await limiter.backOff({ scope: "minute", until: clock.now() + 7000 });
    await clock.advance(0);
    expect(leaving).toMatchObject({ error: "no longer needed", waits: [2 * spanMs] });
    expect(last.waits).toEqual([3 * spanMs, 7000 + spanMs]);
  });

  rateLimiterProperties(makeLimiter, numRuns);
}
