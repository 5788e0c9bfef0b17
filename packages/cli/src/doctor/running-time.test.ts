import { expect, test } from "vitest";
import { runningTime, within } from "./running-time.ts";

const { signal } = new AbortController();

test("work that is done has its result, also where no time is left", async () => {
  expect(await within(0, Promise.resolve("done"))).toBe("done");
  expect(await within(60_000, Promise.resolve("done"))).toBe("done");
  await expect(within(60_000, Promise.reject(new Error("failed")))).rejects.toThrow("failed");
});

test("work that never ends is late", async () => {
  expect(await within(1, new Promise(() => undefined))).toBe("late");
});

test("a process that could not run has used a tick at most", async () => {
  let isOver = false;
  const over = runningTime(300, signal).then(() => (isOver = true));
  // As loading a module does, this keeps the process from running anything else.
  const until = performance.now() + 400;
  while (performance.now() < until);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  await over;
});
