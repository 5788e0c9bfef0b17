import { expect, test } from "vitest";
import { call, calls } from "../limiter-under-test.ts";
import { spanMs, type MakeInWindow } from "./setting.ts";

export function checkListeners(make: MakeInWindow): void {
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
}
