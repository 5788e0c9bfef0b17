import { describe, expect, test } from "vitest";
import { ModelError } from "../../../errors/model-error.ts";
import { call, calls } from "../limiter-under-test.ts";
import { marginMs, spanMs, midnight, dayMs, type MakeInWindow } from "./setting.ts";

export function checkDay(make: MakeInWindow): void {
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

    test("counts a call just before midnight in both days, because it may arrive in either", async () => {
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
}
