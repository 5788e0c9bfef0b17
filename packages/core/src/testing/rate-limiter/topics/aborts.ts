import { describe, expect, test } from "vitest";
import { call } from "../limiter-under-test.ts";
import { spanMs, type MakeInWindow } from "./setting.ts";

export function checkAborts(make: MakeInWindow): void {
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

    test("of a large call grants a small one after it at once", async () => {
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

    test("grants nothing to later calls that abort by the same signal", async () => {
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
}
