import { assert, double, integer, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { backoff, nextWait } from "./backoff.ts";
import type { RetryPolicy } from "./retry-policy.ts";

const policy: RetryPolicy = {
  maxAttempts: 4,
  initialIntervalMs: 1000,
  maxIntervalMs: 60_000,
  backoffFactor: 2,
  retryOn: new Set(),
};
const almostOne = 1 - Number.EPSILON;

describe("backoff", () => {
  test.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [6, 32_000],
    [7, 60_000],
    [8, 60_000],
    [2000, 60_000],
  ])("after %i failed attempts the bound is %i ms", (failedAttempts, bound) => {
    expect(backoff(policy, failedAttempts, () => almostOne)).toBeCloseTo(bound, 6);
    expect(backoff(policy, failedAttempts, () => 0.5)).toBe(bound / 2);
    expect(backoff(policy, failedAttempts, () => 0)).toBe(0);
  });

  test("grows by the policy's factor", () => {
    expect(backoff({ ...policy, backoffFactor: 3 }, 3, () => 0.5)).toBe(4500);
  });

  test("stays within its bounds with any policy", () => {
    const policies = record({
      initialIntervalMs: double({ min: 0, max: 1e9, noNaN: true }),
      maxIntervalMs: double({ min: 0, max: 1e9, noNaN: true }),
      backoffFactor: double({ min: 1, max: 10, noNaN: true }),
    });
    const random = double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    assert(
      property(policies, integer({ min: 1, max: 300 }), random, (some, failedAttempts, chance) => {
        const wait = backoff({ ...policy, ...some }, failedAttempts, () => chance);
        const grown = some.initialIntervalMs * some.backoffFactor ** (failedAttempts - 1);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.min(some.maxIntervalMs, grown));
      }),
    );
  });
});

describe("nextWait", () => {
  test("is the backoff if the server requests no wait", () => {
    expect(nextWait(policy, 2, undefined, () => 0.25)).toBe(500);
  });

  test("is what the server asks for, shorter or longer than the backoff", () => {
    expect(nextWait(policy, 1, 0, () => 0.5)).toBe(0);
    expect(nextWait(policy, 1, 17_000, () => 0.5)).toBe(17_000);
  });

  test("ends the retries where the server asks for more than the longest wait", () => {
    expect(nextWait(policy, 1, 60_000, () => 0.5)).toBe(60_000);
    expect(nextWait(policy, 1, 60_001, () => 0.5)).toBeUndefined();
  });
});
