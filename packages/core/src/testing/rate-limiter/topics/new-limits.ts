import { describe, expect, test } from "vitest";
import { call, calls } from "../limiter-under-test.ts";
import { spanMs, type MakeInWindow } from "./setting.ts";

export function checkNewLimits(make: MakeInWindow): void {
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
}
