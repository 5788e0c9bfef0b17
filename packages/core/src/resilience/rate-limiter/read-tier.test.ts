import { anything, assert, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { readTier } from "./read-tier.ts";

describe("readTier", () => {
  test("reads an answer of GET /key", () => {
    const data = {
      label: "sk-or-v1-…",
      limit: null,
      usage: 0.5,
      is_free_tier: true,
      free_model_daily_requests: { used: 12, limit: 50, remaining: 38 },
      rate_limit: { requests: -1, interval: "10s" },
    };
    expect(readTier({ data })).toEqual({
      tier: "free",
      day: { used: 12, limit: 50, remaining: 38 },
    });
  });

  test.each([
    [{ is_free_tier: true }, { tier: "free" }],
    [{ is_free_tier: false }, { tier: "pro" }],
    [
      { free_model_daily_requests: { used: 60, limit: 50 } },
      { tier: "free", day: { used: 60, limit: 50, remaining: 0 } },
    ],
    [
      { free_model_daily_requests: { used: 1, limit: 1000 } },
      { tier: "pro", day: { used: 1, limit: 1000, remaining: 999 } },
    ],
    [{ is_free_tier: false, free_model_daily_requests: { used: "many" } }, { tier: "pro" }],
    [{ is_free_tier: false, free_model_daily_requests: null }, { tier: "pro" }],
    [
      { is_free_tier: "no", free_model_daily_requests: { used: 1, limit: 51, remaining: "?" } },
      { tier: "pro", day: { used: 1, limit: 51, remaining: 50 } },
    ],
    [
      { is_free_tier: false, free_model_daily_requests: { used: 0, limit: 50, remaining: 50 } },
      { tier: "pro", day: { used: 0, limit: 50, remaining: 50 } },
    ],
  ])("reads %o", (data, reading) => {
    expect(readTier({ data })).toEqual(reading);
  });

  test.each([
    undefined,
    null,
    "free",
    1,
    {},
    { data: null },
    { data: {} },
    { data: [] },
    { error: {} },
  ])("makes nothing of %o", (body) => {
    expect(readTier(body)).toBeUndefined();
  });

  test("never throws", () => {
    assert(
      property(anything(), (body) => {
        readTier(body);
        readTier({ data: body });
        readTier({ data: { is_free_tier: body, free_model_daily_requests: body } });
      }),
    );
  });
});
