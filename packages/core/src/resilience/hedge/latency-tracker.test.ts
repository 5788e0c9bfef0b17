import { array, assert, double, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { LatencyTracker } from "./index.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

function track(durations: readonly number[], tracker = new LatencyTracker()) {
  for (const duration of durations) tracker.record("researcher", duration);
  return tracker.p95("researcher");
}

describe("LatencyTracker", () => {
  test("gives no answer before the twentieth duration", () => {
    expect(new LatencyTracker().p95("researcher")).toBeUndefined();
    expect(track(upTo(19))).toBeUndefined();
    expect(track(upTo(20))).toBe(19);
  });

  test("gives the duration that 95 % did not exceed, in any order", () => {
    expect(track(upTo(100))).toBe(95);
    expect(track(upTo(100).toReversed())).toBe(95);
    expect(track(upTo(21))).toBe(20);
  });

  test("compares durations as numbers", () => {
    expect(track([...upTo(18).map(() => 5), 10, 9000])).toBe(10);
  });

  test("looks at the last 200", () => {
    expect(track([...upTo(1000).map(() => 1e6), ...upTo(200)])).toBe(190);
    expect(track([...upTo(11).map(() => 1e6), ...upTo(189)])).toBe(1e6);
    expect(track([...upTo(11).map(() => 1e6), ...upTo(190)])).toBe(190);
  });

  test("has separate latencies for each role", () => {
    const tracker = new LatencyTracker();
    expect(track(upTo(20), tracker)).toBe(19);
    expect(tracker.p95("validator")).toBeUndefined();
  });

  test("at least 95 % do not exceed it, and fewer do not exceed any shorter one", () => {
    const durations = array(double({ min: 0, max: 1e6, noNaN: true }), {
      minLength: 20,
      maxLength: 200,
    });
    assert(
      property(durations, (some) => {
        const p95 = track(some) ?? Number.NaN;
        expect(some).toContain(p95);
        expect(some.filter((duration) => duration <= p95).length).toBeGreaterThanOrEqual(
          0.95 * some.length,
        );
        expect(some.filter((duration) => duration < p95).length).toBeLessThan(0.95 * some.length);
      }),
    );
  });
});
