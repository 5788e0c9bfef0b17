import { describe, expect, test } from "vitest";
import { neverBack, systemClock } from "./clock.ts";

describe("systemClock", () => {
  test("gives the time since the epoch, with fractions of a millisecond", () => {
    const before = Date.now();
    const now = systemClock.now();
    // Both clocks are read one after the other, and only one of them is corrected while the process runs.
    expect(now).toBeGreaterThan(before - 1000);
    expect(now).toBeLessThan(Date.now() + 1000);
    expect(Array.from({ length: 50 }, systemClock.now).some((at) => !Number.isInteger(at))).toBe(
      true,
    );
  });

  test("sleeps at least the requested time", async () => {
    const before = performance.now();
    await systemClock.sleep(15);
    // Node's timers count whole milliseconds.
    expect(performance.now() - before).toBeGreaterThanOrEqual(14);
  });

  test("does not sleep for an aborted caller, and throws the caller's own reason", async () => {
    const reason = new Error("the user left");
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test("ends a sleep at once with the reason of the abort", async () => {
    const caller = new AbortController();
    const reason = { any: "value" };
    const sleep = systemClock.sleep(60_000, caller.signal);
    caller.abort(reason);
    await expect(sleep).rejects.toBe(reason);
  });

  test("sleeps longer than Node's timers can, instead of a millisecond", async () => {
    const caller = new AbortController();
    let isAwake = false;
    const sleep = systemClock.sleep(2 ** 31, caller.signal).finally(() => {
      isAwake = true;
    });
    await systemClock.sleep(15);
    expect(isAwake).toBe(false);
    caller.abort("enough");
    await expect(sleep).rejects.toBe("enough");
  });

  test("keeps the process alive for a callback, not for one in the background", () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout");
    const before = timers().length;
    const cancelBackground = systemClock.after(60_000, () => undefined, true);
    expect(timers()).toHaveLength(before);
    const cancel = systemClock.after(60_000, () => undefined);
    expect(timers()).toHaveLength(before + 1);
    cancel();
    cancelBackground();
    expect(timers()).toHaveLength(before);
  });
});

/** A machine whose clocks a test moves. */
function startMachine() {
  const at = { wall: 5_000_000, steady: 5_000_000 - performance.timeOrigin };
  const now = neverBack({ wall: () => at.wall, steady: () => at.steady });
  const pass = (ms: number) => {
    at.wall += ms;
    at.steady += ms;
  };
  return { at, now, pass };
}

const hour = 3_600_000;

test("the time advances with the monotonic clock when the wall clock is corrected", () => {
  const { at, now, pass } = startMachine();
  at.wall += 999;
  expect(now()).toBeCloseTo(5_000_000);
  at.wall -= 2000;
  pass(10);
  expect(now()).toBeCloseTo(5_000_010);
});

test("the time is the wall clock's after the machine has slept, or its clock was set forward", () => {
  const { at, now, pass } = startMachine();
  at.wall += 8 * hour;
  expect(now()).toBeCloseTo(5_000_000 + 8 * hour);
  pass(10);
  expect(now()).toBeCloseTo(5_000_010 + 8 * hour);
});

test("the time does not go back where the wall clock is set back", () => {
  const { at, now, pass } = startMachine();
  at.wall -= 24 * hour;
  pass(10);
  expect(now()).toBeCloseTo(5_000_010);
  at.wall += 25 * hour;
  expect(now()).toBeCloseTo(5_000_010 + hour);
});
