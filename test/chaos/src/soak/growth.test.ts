import { describe, expect, it } from "vitest";
import { growthOf } from "./growth.ts";

/** Differences that are larger than what one round of a small leak adds. */
const noise = [0, 9000, -7000, 4000, -9000, 8000, -3000, 5000, -8000, 2000, 6000];

describe("growthOf()", () => {
  it("returns the slope of a heap that grows evenly", () => {
    expect(growthOf([5000, 6000, 7000, 8000], 10)).toEqual({ bytes: 100, lowBytes: 100 });
  });

  it("finds a leak that is smaller in each round than the noise", () => {
    const heap = noise.map((differs, round) => 1_000_000 + round * 100 * 60 + differs);
    expect(growthOf(heap, 60).lowBytes).toBeGreaterThan(50);
  });

  it("does not report noise as a leak", () => {
    const heap = noise.map((differs) => 1_000_000 + differs);
    expect(growthOf(heap, 60).lowBytes).toBeLessThan(0);
    expect(Math.abs(growthOf(heap, 60).bytes)).toBeLessThan(50);
  });

  it("does not report a table that doubles once as a leak", () => {
    const heap = Array.from({ length: 11 }, (_, round) => (round < 5 ? 1_000_000 : 1_200_000));
    expect(growthOf(heap, 60).lowBytes).toBe(0);
  });
});
