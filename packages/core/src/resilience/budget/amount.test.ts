import { array, assert, double, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { add, formatPicoUsd, nothing, toAmount, toPicoUsd } from "./amount.ts";

describe("amounts", () => {
  test("are whole picodollars and whole tokens", () => {
    expect(toAmount({ usd: 0.000_000_037_5, tokens: 3 })).toEqual({ picoUsd: 37_500n, tokens: 3 });
    expect(toAmount({ usd: 1.1e-7, tokens: 2.1 })).toEqual({ picoUsd: 110_000n, tokens: 3 });
  });

  test("add up without drift", () => {
    const dime = toAmount({ usd: 0.1, tokens: 1 });
    const sum = Array.from({ length: 10_000 }, () => dime).reduce(add, nothing);
    expect(sum).toEqual({ picoUsd: 1000n * 10n ** 12n, tokens: 10_000 });
  });

  test("keep the exact price, and the order of prices", () => {
    const price = nat({ max: 2 ** 31 - 1 }).map((nano) => nano / 1e9);
    assert(
      property(price, price, (a, b) => {
        expect(Number(toPicoUsd(a)) / 1e12).toBe(a);
        expect(toPicoUsd(a) <= toPicoUsd(b)).toBe(a <= b);
      }),
    );
  });

  test("sum to the same in any order", () => {
    assert(
      property(array(double({ min: 0, max: 1e6, noNaN: true })), (prices) => {
        const amounts = prices.map((usd) => toAmount({ usd, tokens: 0 }));
        expect(amounts.toReversed().reduce(add, nothing)).toEqual(amounts.reduce(add, nothing));
      }),
    );
  });

  test("hold every number of dollars", () => {
    expect(toPicoUsd(1e300)).toBe(BigInt(1e300) * 10n ** 12n);
    expect(toPicoUsd(Number.MAX_VALUE)).toBeGreaterThan(toPicoUsd(1e300));
  });

  test.each([Number.NaN, -1, -1e-13, Infinity])("are never made of %d", (value) => {
    expect(() => toAmount({ usd: value, tokens: 0 })).toThrow("US dollars");
    expect(() => toAmount({ usd: 0, tokens: value })).toThrow("tokens");
  });
});

test.each([
  [0, "$0.00"],
  [0.5, "$0.50"],
  [12.345, "$12.345"],
  [1_000_000, "$1000000.00"],
  [0.000_000_000_001, "$0.000000000001"],
  [100.01, "$100.01"],
])("%d dollars read %s", (usd, text) => {
  expect(formatPicoUsd(toPicoUsd(usd))).toBe(text);
});
