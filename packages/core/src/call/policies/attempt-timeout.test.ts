import { getEventListeners } from "node:events";
import { describe, expect, test, vi } from "vitest";
import type { Answer } from "../../completions/index.ts";
import type { Attempt } from "../attempt.ts";
import {
  answer,
  errorOf,
  failure,
  fakeCall,
  fakeRoute,
  openedStream,
  runPolicy,
  type FakeCallFields,
} from "../__fixtures__/fake-call.ts";
import { attemptTimeout } from "./attempt-timeout.ts";

const timeouts = { attemptMs: 1000, firstTokenMs: 300, stallMs: 200 };

/** An attempt that ends when its signal aborts, with the signal's reason, or when the test answers. */
function start(fields: FakeCallFields = {}, attempt: Partial<Attempt> = {}) {
  const fake = fakeCall({ timeouts, ...fields });
  const answered = Promise.withResolvers<Answer>();
  const wait = ({ signal }: Attempt) => {
    signal.addEventListener("abort", () => answered.reject(signal.reason), { once: true });
    return answered.promise;
  };
  const t = runPolicy(attemptTimeout, fake.call, [wait]);
  const outcome = errorOf(t.run(attempt));
  const { signal, progress } = t.attempts.map(({ attempt }) => attempt)[0] as Required<Attempt>;
  return { ...fake, answered, outcome, signal, progress: progress as NonNullable<typeof progress> };
}

const messageOf = async ({ outcome }: ReturnType<typeof start>) =>
  ((await outcome) as Error).message;

/** Expects that nothing happens for `ms - 1` milliseconds, and the end of the attempt at `ms`. */
async function expectEndAfter(ms: number, t: ReturnType<typeof start>): Promise<void> {
  await t.clock.advance(ms - 1);
  expect(t.signal.aborted).toBe(false);
  await t.clock.advance(1);
  expect(t.signal.aborted).toBe(true);
}

describe("the time of an attempt", () => {
  test("ends at LLM_REQUEST_TIMEOUT", async () => {
    const t = start({ timeouts: { attemptMs: 1000 } });
    await expectEndAfter(1000, t);
    expect(await t.outcome).toMatchObject({
      message: "a gave no answer within 1 s",
      details: {
        kind: "timeout_error",
        reason: "no_response",
        model: "a",
        setting: "LLM_REQUEST_TIMEOUT",
      },
    });
  });

  test("ends without a first token at LLM_FIRST_TOKEN_TIMEOUT", async () => {
    const t = start();
    await expectEndAfter(300, t);
    expect(await t.outcome).toMatchObject({
      message: "a gave no token within 0.3 s",
      details: { setting: "LLM_FIRST_TOKEN_TIMEOUT" },
    });
  });

  test("ends when the answer stalls, counted from its last piece", async () => {
    const t = start();
    for (const waitMs of [299, 199, 199]) {
      await t.clock.advance(waitMs);
      t.progress.progress();
    }
    await expectEndAfter(200, t);
    expect(await t.outcome).toMatchObject({
      message: "a stalled for 0.2 s",
      details: { setting: "LLM_STALL_TIMEOUT" },
    });
  });

  test("ends at the limit of the whole attempt, although it makes progress", async () => {
    const t = start();
    for (let at = 0; at < 900; at += 100) {
      await t.clock.advance(100);
      t.progress.progress();
    }
    await expectEndAfter(100, t);
    expect(await messageOf(t)).toBe("a gave no answer within 1 s");
  });

  test("of an answer in one piece ends when the whole answer has arrived", async () => {
    const routes = [fakeRoute("a", { streamUpstream: false })] as const;
    for (const fields of [{ streamUpstream: false }, { routes }]) {
      const t = start(fields);
      await expectEndAfter(1000, t);
      expect(await messageOf(t)).toBe("a gave no answer within 1 s");
    }
    // A stream shows its progress on any route.
    const stream = start({ routes, isStream: true });
    await expectEndAfter(300, stream);
    expect(await messageOf(stream)).toBe("a gave no token within 0.3 s");
  });
});

test("progress sets no timer: the one that is set reads the limits when it rings", async () => {
  const t = start({ timeouts: { attemptMs: 1000, stallMs: 200 } });
  const set = vi.spyOn(t.clock, "after");
  await t.clock.advance(150);
  for (let piece = 0; piece < 100; piece += 1) t.progress.progress();
  expect(set).not.toHaveBeenCalled();
  await expectEndAfter(200, t);
  expect(set).toHaveBeenCalledTimes(1);
});

describe("the time of a slow reader", () => {
  test("does not count", async () => {
    const t = start();
    t.progress.progress();
    t.progress.pause();
    await t.clock.advance(60_000);
    expect(t.signal.aborted).toBe(false);
    t.progress.resume();
    await expectEndAfter(200, t);
  });

  test("does not count towards the whole attempt, however often it pauses", async () => {
    const t = start({ timeouts: { attemptMs: 1000 } });
    for (let read = 0; read < 10; read += 1) {
      t.progress.pause();
      t.progress.pause();
      await t.clock.advance(5000);
      t.progress.resume();
      t.progress.resume();
      await t.clock.advance(99);
    }
    await expectEndAfter(10, t);
    expect(t.clock.now()).toBe(51_000);
  });

  test("does not extend the limit for data that was read before", async () => {
    const t = start({ timeouts: { attemptMs: 1000 } });
    await t.clock.advance(400);
    t.progress.pause();
    await t.clock.advance(100);
    t.progress.resume();
    await expectEndAfter(600, t);
    expect(t.clock.now()).toBe(1100);
  });
});

describe("a reader that does not read", () => {
  const timeouts = { attemptMs: 1000, stallMs: 200, readerMs: 700 };

  test.each([0, 150, 400])(
    "ends the stream when it has paused for so long, from %i ms",
    async (at) => {
      const t = start({ timeouts: { ...timeouts, stallMs: undefined } });
      await t.clock.advance(at);
      t.progress.pause();
      await expectEndAfter(700, t);
      expect(await t.outcome).toMatchObject({
        kind: "aborted",
        message: expect.stringContaining("not read for 0.7 s (LLM_READER_TIMEOUT)"),
      });
      expect(t.clock.sleeping).toBe(0);
    },
  );

  test("keeps no process alive: from its opening on, all timers are in the background", async () => {
    const t = start({ timeouts });
    const set = vi.spyOn(t.clock, "after");
    for (let read = 0; read < 3; read += 1) {
      t.progress.pause();
      await t.clock.advance(150);
      t.progress.resume();
      t.progress.progress();
    }
    const inBackground = [expect.any(Number), expect.any(Function), true];
    expect(set.mock.calls).toEqual(set.mock.calls.map(() => inBackground));
    expect(set).toHaveBeenCalled();
    expect(t.clock.sleeping).toBe(1);
  });

  test("has the whole time again after each read", async () => {
    const t = start({ timeouts });
    for (let read = 0; read < 5; read += 1) {
      t.progress.pause();
      await t.clock.advance(699);
      t.progress.resume();
      t.progress.progress();
    }
    expect(t.signal.aborted).toBe(false);
    await expectEndAfter(200, t);
    expect(await messageOf(t)).toBe("a stalled for 0.2 s");
  });
});

describe("an attempt", () => {
  test("is passed the caller's abort, with its reason", async () => {
    const caller = new AbortController();
    const reason = new Error("the user left");
    const t = start({}, { signal: caller.signal });
    caller.abort(reason);
    expect(await t.outcome).toBe(reason);
    expect(t.clock.sleeping).toBe(0);
  });

  test("of a caller that has aborted before has aborted, and has no timer", async () => {
    const reason = new Error("the user left");
    const t = start({}, { signal: AbortSignal.abort(reason) });
    expect(t.signal.reason).toBe(reason);
    expect(t.clock.sleeping).toBe(0);
  });

  test.each(["an answer", "a failure"])("leaves no timer and no listener after %s", async (end) => {
    const { signal } = new AbortController();
    const t = start({}, { signal });
    t.progress.progress();
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    if (end === "an answer") t.answered.resolve(answer());
    else t.answered.reject(failure("service_error"));
    await t.outcome;
    expect([t.clock.sleeping, getEventListeners(signal, "abort").length]).toEqual([0, 0]);
  });

  test("that is a stream has its limits until it ends", async () => {
    const { signal } = new AbortController();
    const t = start({ isStream: true }, { signal });
    const stream = openedStream(t.call);
    t.answered.resolve(stream);
    expect(await t.outcome).toBeUndefined();
    expect(t.clock.sleeping).toBe(1);
    await stream.leave();
    expect([t.clock.sleeping, getEventListeners(signal, "abort").length]).toEqual([0, 0]);
    await t.clock.advance(60_000);
    expect(t.signal.aborted).toBe(false);
  });
});
