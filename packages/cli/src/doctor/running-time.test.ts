import { expect, test } from "vitest";
import { runningTime, within } from "./running-time.ts";

const { signal } = new AbortController();

test("within() resolves to the result of work that has ended, even if no time is left", async () => {
  expect(await within(0, Promise.resolve("done"))).toBe("done");
  expect(await within(60_000, Promise.resolve("done"))).toBe("done");
  await expect(within(60_000, Promise.reject(new Error("failed")))).rejects.toThrow("failed");
});

test("within() resolves to late for work that never ends", async () => {
  expect(await within(1, new Promise(() => undefined))).toBe("late");
});

test("runningTime() counts at most one tick while the process is blocked", async () => {
  let isOver = false;
  const over = runningTime(300, signal).then(() => (isOver = true));
  // Blocks the process, as loading a module does.
  const until = performance.now() + 400;
  while (performance.now() < until);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  await over;
});
