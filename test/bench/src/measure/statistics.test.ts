import { describe, expect, test } from "vitest";
import { median, medianRatio, percentile, rounded } from "./statistics.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("median", () => {
  test("is the middle value of an odd number of values, in any order", () => {
    expect(median([9, 1, 10])).toBe(9);
  });

  test("is the mean of the two middle values of an even number", () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  test("of no values is NaN", () => {
    expect(median([])).toBeNaN();
  });
});

describe("percentile", () => {
  test("is the value that this share of the values does not exceed", () => {
    expect(percentile(upTo(100).toReversed(), 99)).toBe(99);
    expect(percentile(upTo(1000), 99)).toBe(990);
    expect(percentile([7], 99)).toBe(7);
  });
});

describe("medianRatio", () => {
  test("compares round with round", () => {
    expect(medianRatio([10, 30, 22], [10, 20, 20])).toBe(1.1);
  });
});

test("figures have three decimals", () => {
  expect([rounded(0.97549), rounded(2)]).toEqual([0.975, 2]);
});
