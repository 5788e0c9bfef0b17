import { expect, test } from "vitest";
import { leastTimeMs } from "./least-time.ts";

const limit = { requests: 60, windowMs: 6000 };

test.each([
  ["fixed-window", 60, 0],
  ["fixed-window", 61, 6000],
  ["fixed-window", 120, 6000],
  ["fixed-window", 300, 24_000],
  ["token-bucket", 60, 0],
  ["token-bucket", 61, 100],
  ["token-bucket", 300, 24_000],
] as const)("a %s takes %i requests in no less than %i ms", (algorithm, requests, least) => {
  expect(leastTimeMs(algorithm, requests, limit)).toBe(least);
});

test("a start in the middle of a fixed window shortens the wait for the next one", () => {
  expect(leastTimeMs("fixed-window", 300, limit, 2000)).toBe(22_000);
  expect(leastTimeMs("fixed-window", 60, limit, 2000)).toBe(0);
});
