import { getEventListeners } from "node:events";
import { describe, expect, test, vi } from "vitest";
import type { Answer } from "../../completions/index.ts";
import { errorOf, failure, fakeCall, openedStream, runPolicy } from "../__fixtures__/fake-call.ts";
import { callTimeout } from "./call-timeout.ts";

const never = () => new Promise<Answer>(() => undefined);
const timeouts = { attemptMs: 30_000, callMs: 1000 };

describe("callTimeout", () => {
  test("is not there without LLM_CALL_TIMEOUT", () => {
    const { next, send } = runPolicy(callTimeout, fakeCall().call);
    expect(send).toBe(next);
  });

  test("ends a call at its limit, and not a millisecond before, even one that does not listen", async () => {
    const { call, clock } = fakeCall({ timeouts });
    const t = runPolicy(callTimeout, call, [never]);
    const work = errorOf(t.run());
    await clock.advance(999);
    const { signal } = t.attempts[0]?.attempt ?? {};
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(signal?.aborted).toBe(true);
    expect(await work).toMatchObject({
      message: "The call did not finish within 1 s",
      details: {
        kind: "timeout_error",
        reason: "call_timeout",
        setting: "LLM_CALL_TIMEOUT",
      },
    });
  });

  test("gives a stream that starts again only the rest of the time", async () => {
    const { call, clock } = fakeCall({ timeouts });
    const t = runPolicy(callTimeout, call, [failure("service_error"), never]);
    await errorOf(t.run());
    await clock.advance(900);
    const work = errorOf(t.run());
    await clock.advance(99);
    expect(t.attempts[1]?.attempt.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await work).toMatchObject({ details: { reason: "call_timeout" } });
  });

  test("passes the caller's abort on, with its reason", async () => {
    const caller = new AbortController();
    const reason = new Error("the user left");
    const { call, clock } = fakeCall({ timeouts });
    const t = runPolicy(callTimeout, call, [never]);
    const work = errorOf(t.run({ signal: caller.signal }));
    caller.abort(reason);
    expect(await work).toBe(reason);
    expect(t.attempts[0]?.attempt.signal.reason).toBe(reason);
    expect(clock.sleeping).toBe(0);
  });

  test("leaves no timer and no listener after an answer or a failure", async () => {
    const { signal } = new AbortController();
    const { call, clock } = fakeCall({ timeouts });
    const t = runPolicy(callTimeout, call, [failure("service_error")]);
    await errorOf(t.run({ signal }));
    await t.run({ signal });
    expect([clock.sleeping, getEventListeners(signal, "abort").length]).toEqual([0, 0]);
  });

  test("limits a stream until it ends", async () => {
    const { call, clock } = fakeCall({ timeouts });
    const stream = openedStream(call);
    const t = runPolicy(callTimeout, call, [stream]);
    const set = vi.spyOn(clock, "after");
    await t.run();
    expect(clock.sleeping).toBe(1);
    // In the background: a stream that is not read keeps no process alive.
    expect(set).toHaveBeenLastCalledWith(1000, expect.any(Function), true);
    await stream.leave();
    expect(clock.sleeping).toBe(0);
  });
});
