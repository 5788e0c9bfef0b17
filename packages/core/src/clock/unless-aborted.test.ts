import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { unlessAborted } from "./clock.ts";

const reason = new Error("the user left");

test("returns the work's result, and leaves no listener", async () => {
  const { signal } = new AbortController();
  const work = Promise.withResolvers<string>();
  const outcome = unlessAborted(work.promise, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  work.resolve("done");
  expect(await outcome).toBe("done");
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("throws the work's error, and leaves no listener", async () => {
  const { signal } = new AbortController();
  const error = new Error("failed");
  await expect(unlessAborted(Promise.reject(error), signal)).rejects.toBe(error);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("throws the signal's reason at once, though the work never ends", async () => {
  const caller = new AbortController();
  const outcome = unlessAborted(new Promise(() => undefined), caller.signal);
  caller.abort(reason);
  await expect(outcome).rejects.toBe(reason);
});

test("throws the reason of a signal that has aborted before, though the work has ended", async () => {
  await expect(unlessAborted(Promise.resolve(1), AbortSignal.abort(reason))).rejects.toBe(reason);
});

test("leaves no unhandled rejection where the signal was aborted before and the work fails", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  try {
    const work = Promise.reject(new Error("aborted"));
    await expect(unlessAborted(work, AbortSignal.abort(reason))).rejects.toBe(reason);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  } finally {
    process.off("unhandledRejection", note);
  }
  expect(unhandled).toEqual([]);
});
