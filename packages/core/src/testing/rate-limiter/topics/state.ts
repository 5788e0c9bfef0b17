import { expect, test } from "vitest";
import { call, calls } from "../limiter-under-test.ts";
import { spanMs, midnight, dayMs, type MakeInWindow } from "./setting.ts";

export function checkState(make: MakeInWindow): void {
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
}
