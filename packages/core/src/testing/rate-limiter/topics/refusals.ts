import { describe, expect, test } from "vitest";
import { call, calls } from "../limiter-under-test.ts";
import { windowMs, spanMs, midnight, dayMs, type MakeInWindow } from "./setting.ts";

export function checkRefusals(make: MakeInWindow): void {
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
}
