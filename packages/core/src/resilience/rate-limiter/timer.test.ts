import { expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { Timer } from "./timer.ts";

function create() {
  const clock = new FakeClock(0);
  const calledAt: number[] = [];
  const timer = new Timer(clock, () => void calledAt.push(clock.now()));
  return { clock, calledAt, timer };
}

test("calls back at its instant and not before, once", async () => {
  const { clock, calledAt, timer } = create();
  timer.set(100);
  await clock.advance(99);
  expect(calledAt).toEqual([]);
  await clock.advance(1000);
  expect(calledAt).toEqual([100]);
});

test("calls back at the instant that was set last, whether later or earlier, or never", async () => {
  const { clock, calledAt, timer } = create();
  timer.set(100);
  timer.set(200);
  await clock.advance(150);
  timer.set(160);
  await clock.advance(100);
  expect(calledAt).toEqual([160]);
  timer.set(300);
  timer.set(Infinity);
  expect(clock.sleeping).toBe(0);
  await clock.advance(1000);
  expect(calledAt).toEqual([160]);
});

test("can be set to the same instant again after a sleep that ended early", async () => {
  let isEarly = true;
  const clock = new FakeClock(0);
  const calledAt: number[] = [];
  const sleep: FakeClock["sleep"] = (durationMs, signal) => {
    const sleepMs = isEarly ? durationMs - 1 : durationMs;
    isEarly = false;
    return clock.sleep(sleepMs, signal);
  };
  const timer = new Timer({ now: clock.now, sleep, after: clock.after }, () => {
    calledAt.push(clock.now());
    if (clock.now() < 100) timer.set(100);
  });
  timer.set(100);
  await clock.advance(1000);
  expect(calledAt).toEqual([99, 100]);
});
