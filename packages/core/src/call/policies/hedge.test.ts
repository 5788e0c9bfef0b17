import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import type { Answer } from "../../completions/index.ts";
import { LatencyTracker } from "../../resilience/hedge/index.ts";
import {
  answer,
  errorOf,
  fakeCall,
  openedStream,
  readAll,
  runPolicy,
} from "../__fixtures__/fake-call.ts";
import type { CallServices } from "../services.ts";
import { hedge } from "./hedge.ts";

/** Two requests that the test answers. */
function race(services: Partial<CallServices>) {
  const fake = fakeCall({ services });
  const first = Promise.withResolvers<Answer>();
  const second = Promise.withResolvers<Answer>();
  const t = runPolicy(hedge, fake.call, [() => first.promise, () => second.promise]);
  return { ...fake, ...t, first, second };
}

describe("hedge", () => {
  test("is not there without LLM_HEDGE_AFTER", () => {
    const { next, send } = race({});
    expect(send).toBe(next);
  });

  test("starts a second request after the time, not a millisecond before", async () => {
    const t = race({ hedgeAfterMs: 1000 });
    const work = t.run({ waitedMs: 300 });
    await t.clock.advance(999);
    expect(t.attempts).toHaveLength(1);
    await t.clock.advance(1);
    expect(t.events).toMatchObject([{ type: "hedge", model: "a", afterMs: 1000 }]);
    // The wait of a retry was before the first request.
    expect(t.attempts.map(({ attempt }) => attempt.waitedMs)).toEqual([300, 0]);
    const whole = answer("of the second");
    t.second.resolve(whole);
    expect(await work).toBe(whole);
    const [loser, winner] = t.attempts.map(({ attempt }) => attempt.signal);
    expect(loser?.reason).toMatchObject({ kind: "aborted" });
    expect(winner?.aborted).toBe(false);
  });

  test("after p95 waits for the role's own 95th percentile", async () => {
    const latencies = new LatencyTracker();
    const t = race({ hedgeAfterMs: "p95", latencies });
    for (let place = 1; place <= 20; place += 1) latencies.record("researcher", place * 100);
    const work = t.run();
    await t.clock.advance(1899);
    expect(t.attempts).toHaveLength(1);
    await t.clock.advance(1);
    expect(t.of("hedge")).toMatchObject([{ afterMs: 1900 }]);
    t.first.resolve(answer());
    await work;
  });

  test("after p95 never starts a second request while too little is known", async () => {
    const t = race({ hedgeAfterMs: "p95", latencies: new LatencyTracker() });
    const work = t.run();
    await t.clock.advance(600_000);
    expect(t.attempts).toHaveLength(1);
    t.first.resolve(answer());
    await work;
  });

  test("passes the caller's abort on to a stream that won, until it ends", async () => {
    const { call } = fakeCall();
    const reason = new Error("the user left");
    const won = await Promise.all(
      [true, false].map(async (isRead) => {
        const caller = new AbortController();
        const t = race({ hedgeAfterMs: 1000 });
        const stream = openedStream(call);
        t.first.resolve(stream);
        await t.run({ signal: caller.signal });
        if (isRead) await readAll(stream);
        const listeners = getEventListeners(caller.signal, "abort").length;
        caller.abort(reason);
        return { listeners, reason: t.attempts[0]?.attempt.signal.reason as unknown };
      }),
    );
    expect(won).toEqual([
      { listeners: 0, reason: undefined },
      { listeners: 1, reason },
    ]);
  });

  test("passes the caller's abort on to both requests", async () => {
    const caller = new AbortController();
    const t = race({ hedgeAfterMs: 1000 });
    const work = errorOf(t.run({ signal: caller.signal }));
    await t.clock.advance(1000);
    const reason = new Error("the user left");
    caller.abort(reason);
    expect(await work).toBe(reason);
    expect(t.attempts.map(({ attempt }) => attempt.signal.reason)).toEqual([reason, reason]);
    expect(t.clock.sleeping).toBe(0);
  });
});
