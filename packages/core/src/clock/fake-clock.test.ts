import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";

test("does not move by itself", async () => {
  const clock = new FakeClock(1000);
  expect(clock.now()).toBe(1000);
  await clock.advance(250);
  expect(clock.now()).toBe(1250);
});

test("ends a sleep at its instant and not before", async () => {
  const clock = new FakeClock(0);
  let wokenAt: number | undefined;
  void clock.sleep(100).then(() => (wokenAt = clock.now()));
  await clock.advance(99);
  expect([wokenAt, clock.sleeping]).toEqual([undefined, 1]);
  await clock.advance(1);
  expect([wokenAt, clock.sleeping]).toEqual([100, 0]);
});

test("ends sleeps in the order of their instants, those too that begin in the meantime", async () => {
  const clock = new FakeClock(0);
  const woken: [string, number][] = [];
  const note = (name: string) => () => void woken.push([name, clock.now()]);
  void clock.sleep(30).then(note("late"));
  void clock
    .sleep(10)
    .then(note("early"))
    .then(() => clock.sleep(10))
    .then(note("nested"));
  await clock.advance(100);
  expect(woken).toEqual([
    ["early", 10],
    ["nested", 20],
    ["late", 30],
  ]);
  expect(clock.now()).toBe(100);
});

test("an abort ends a sleep at once with its reason and leaves no sleeper", async () => {
  const clock = new FakeClock();
  const caller = new AbortController();
  const sleep = clock.sleep(100, caller.signal);
  caller.abort("enough");
  await expect(sleep).rejects.toBe("enough");
  expect(clock.sleeping).toBe(0);
  await expect(clock.sleep(100, caller.signal)).rejects.toBe("enough");
});

test("waits at each instant for work outside of promises, if it gets a function for that", async () => {
  let pending = Promise.resolve();
  const clock = new FakeClock(0, () => pending);
  const doneAt: number[] = [];
  const work = async () => {
    await readFile(import.meta.filename);
    doneAt.push(clock.now());
  };
  for (const at of [10, 20]) clock.after(at, () => void (pending = work()));
  await clock.advance(30);
  expect(doneAt).toEqual([10, 20]);
});
