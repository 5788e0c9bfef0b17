import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { FakeClock } from "../clock/fake-clock.ts";
import { Deadline } from "./deadline.ts";

const never = new Promise<never>(() => undefined);

function start(signal?: AbortSignal) {
  const clock = new FakeClock(0);
  const timeout = new Error("too slow");
  const deadline = new Deadline({ timeoutMs: 1000, clock, signal, onTimeout: () => timeout });
  return { clock, timeout, deadline };
}

/** What a promise has come to so far. */
function watch(promise: Promise<unknown>) {
  const state: { value?: unknown; error?: unknown } = {};
  promise.then(
    (value) => (state.value = value),
    (error: unknown) => (state.error = error),
  );
  return state;
}

describe("Deadline", () => {
  test("gives the work's result", async () => {
    const { deadline } = start();
    using _ = deadline;
    expect(await deadline.race(Promise.resolve("answer"))).toBe("answer");
    expect(deadline.signal.aborted).toBe(false);
  });

  test("gives the work's own error", async () => {
    const { deadline } = start();
    using _ = deadline;
    const error = new Error("no");
    await expect(deadline.race(Promise.reject(error))).rejects.toBe(error);
  });

  test("throws at its time and not before, though the work does not listen", async () => {
    const { clock, timeout, deadline } = start();
    using _ = deadline;
    const state = watch(deadline.race(never));
    await clock.advance(999);
    expect([state, deadline.signal.aborted]).toEqual([{}, false]);
    await clock.advance(1);
    expect(state.error).toBe(timeout);
  });

  test("stops the work behind the error, by a signal that carries it", async () => {
    const { clock, timeout, deadline } = start();
    using _ = deadline;
    await clock.advance(1000);
    expect(deadline.signal.aborted).toBe(true);
    expect(deadline.signal.reason).toBe(timeout);
  });

  test("covers several pieces of work with one time", async () => {
    const { clock, timeout, deadline } = start();
    using _ = deadline;
    const first = watch(deadline.race(clock.sleep(600).then(() => "first")));
    await clock.advance(600);
    expect(first).toEqual({ value: "first" });
    const second = watch(deadline.race(clock.sleep(600)));
    await clock.advance(400);
    expect(second.error).toBe(timeout);
  });

  test("throws its own error for work that ends by the signal in its own words", async () => {
    const { clock, timeout, deadline } = start();
    using _ = deadline;
    const work = new Promise((_resolve, reject) => {
      deadline.signal.addEventListener("abort", () => reject(new Error("aborted somehow")));
    });
    const state = watch(deadline.race(work));
    await clock.advance(1000);
    expect(state.error).toBe(timeout);
  });

  test("throws its own error for work that begins after its end, not the error of that work", async () => {
    const { clock, timeout, deadline } = start();
    using _ = deadline;
    await clock.advance(1000);
    await expect(deadline.race(Promise.reject(new Error("aborted")))).rejects.toBe(timeout);
  });

  test("ends at once with the caller's own reason, and stops the work", async () => {
    const caller = new AbortController();
    const { clock, deadline } = start(caller.signal);
    using _ = deadline;
    const reason = new Error("the user left");
    const race = deadline.race(never);
    await clock.advance(10);
    caller.abort(reason);
    await expect(race).rejects.toBe(reason);
    expect(deadline.signal.reason).toBe(reason);
    await clock.advance(5000);
    expect(deadline.signal.reason).toBe(reason);
  });

  test("ends at once for a caller that aborted before", async () => {
    const reason = new Error("the user left");
    const { deadline } = start(AbortSignal.abort(reason));
    using _ = deadline;
    expect(deadline.signal.reason).toBe(reason);
    await expect(deadline.race(never)).rejects.toBe(reason);
  });

  test("leaves no timer and no listener behind", async () => {
    const caller = new AbortController();
    const { clock, deadline } = start(caller.signal);
    await clock.advance(0);
    expect(clock.sleeping).toBe(1);
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(1);
    deadline[Symbol.dispose]();
    await clock.advance(0);
    expect(clock.sleeping).toBe(0);
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
    await clock.advance(5000);
    expect(deadline.signal.aborted).toBe(false);
  });
});
