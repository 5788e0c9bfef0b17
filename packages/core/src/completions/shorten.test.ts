import { expect, test } from "vitest";
import { shorten } from "./shorten.ts";

test("does not change small values", () => {
  const error = { code: 429, message: "slow", metadata: { raw: [{ a: null }], retryable: true } };
  expect(shorten(error)).toEqual(error);
  expect(shorten("down")).toBe("down");
  expect(shorten(undefined)).toBeUndefined();
});

test("keeps the beginning of large values", () => {
  const list = Array.from({ length: 100_000 }, () => "x");
  const { list: items, text } = shorten({ text: "y".repeat(1e6), list }) as Record<string, string>;
  expect(items?.length).toBeLessThan(3000);
  expect(text?.length).toBeLessThan(20_000);
});

test("cuts off deep values", () => {
  let deep: object = {};
  for (let level = 0; level < 100_000; level += 1) deep = { deep };
  expect(JSON.stringify(shorten(deep))).toContain("[…]");
});
