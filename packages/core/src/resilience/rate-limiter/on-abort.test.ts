import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { onAbort } from "./on-abort.ts";

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

test("calls all listeners once, in their order", () => {
  const caller = new AbortController();
  const told: string[] = [];
  onAbort(caller.signal, () => told.push("first"));
  const stop = onAbort(caller.signal, () => told.push("gone"));
  onAbort(caller.signal, () => told.push("last"));
  stop();
  caller.abort();
  expect(told).toEqual(["first", "last"]);
});

test("listens once for all, and leaves no listener behind", () => {
  const { signal } = new AbortController();
  const stops = [1, 2, 3].map(() => onAbort(signal, () => undefined));
  expect(listenersOf(signal)).toBe(1);
  for (const stop of stops) stop();
  expect(listenersOf(signal)).toBe(0);
});

test("listens again after all listeners were removed, also if one is removed twice", () => {
  const caller = new AbortController();
  const stop = onAbort(caller.signal, () => undefined);
  stop();
  let isTold = false;
  onAbort(caller.signal, () => (isTold = true));
  stop();
  caller.abort();
  expect(isTold).toBe(true);
});

test("treats a missing signal as one that never aborts", () => {
  expect(onAbort(undefined, () => undefined)()).toBeUndefined();
});
