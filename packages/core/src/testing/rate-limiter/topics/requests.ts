import { describe, expect, test } from "vitest";
import { call, calls } from "../limiter-under-test.ts";
import { windowMs, marginMs, spanMs, midnight, type MakeInWindow } from "./setting.ts";

export function checkRequests(make: MakeInWindow): void {
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
}
