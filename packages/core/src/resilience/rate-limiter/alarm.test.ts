import { expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { Alarm } from "./alarm.ts";

function ringing() {
  const clock = new FakeClock(0);
  const rung: number[] = [];
  const alarm = new Alarm(clock, () => void rung.push(clock.now()));
  return { clock, rung, alarm };
}

test("rings at its instant and not before, once", async () => {
  const { clock, rung, alarm } = ringing();
  alarm.set(100);
  await clock.advance(99);
  expect(rung).toEqual([]);
  await clock.advance(1000);
  expect(rung).toEqual([100]);
});

test("rings at the last instant that was set, be it later or sooner, or not at all", async () => {
  const { clock, rung, alarm } = ringing();
  alarm.set(100);
  alarm.set(200);
  await clock.advance(150);
  alarm.set(160);
  await clock.advance(100);
  expect(rung).toEqual([160]);
  alarm.set(300);
  alarm.set(Infinity);
  expect(clock.sleeping).toBe(0);
  await clock.advance(1000);
  expect(rung).toEqual([160]);
});

test("can be set to the same instant again after a timer that ended too soon", async () => {
  let isEarly = true;
  const clock = new FakeClock(0);
  const rung: number[] = [];
  const sleep: FakeClock["sleep"] = (durationMs, signal) => {
    const sleepMs = isEarly ? durationMs - 1 : durationMs;
    isEarly = false;
    return clock.sleep(sleepMs, signal);
  };
  const alarm = new Alarm({ now: clock.now, sleep, after: clock.after }, () => {
    rung.push(clock.now());
    if (clock.now() < 100) alarm.set(100);
  });
  alarm.set(100);
  await clock.advance(1000);
  expect(rung).toEqual([99, 100]);
});
