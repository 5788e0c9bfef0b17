import { describe, expect, test } from "vitest";
import { classify, toModelError } from "./classify.ts";
import { readWait } from "./read-wait.ts";

const google = (retryDelay: string) => [
  { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [] },
  { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay },
];

describe("readWait", () => {
  test.each([
    ["Please try again in 34.66s.", 34.66],
    ["Please try again in 20ms. Visit the docs.", 0.02],
    ["Please try again in 1m26.4s.", 86.4],
    ["Please try again in 7m12s", 432],
    ["Please retry in 34.074824224s.", 34.074824224],
    ["Please retry after 5 seconds.", 5],
    ["Retry after 2 minutes", 120],
    ["Rate limited, try again after 3", 3],
    ["Please wait for 10 seconds before trying again", 10],
    ["Please try again in 1h2m3s.", 3723],
    ["retry again in 6 s", 6],
  ])("reads %j", (message, seconds) => {
    expect(readWait({ message }, undefined)).toBeCloseTo(seconds, 6);
  });

  test.each([
    "Limit 30000, Used 29000, Requested 34660",
    "Please try again in a moment.",
    "You have 3 tries.",
    "Please try again later. Error 34",
  ])("reads no wait from %j", (message) => {
    expect(readWait({ message }, undefined)).toBeUndefined();
  });

  test.each([
    ["Google's details", { details: google("34s") }, undefined],
    ["a text that the provider sent", {}, JSON.stringify({ error: { details: google("34s") } })],
    ["a list that the provider sent", {}, JSON.stringify([{ error: { details: google("34s") } }])],
    ["an object that the provider sent", {}, { error: { details: google("34s") } }],
    ["a text in a text", {}, JSON.stringify({ error: JSON.stringify({ retryDelay: "34s" }) })],
    ["words that the provider sent", {}, "Quota exceeded. Please retry in 34s."],
    ["seconds", { retry_after: 34 }, undefined],
    ["milliseconds", { retry_after_ms: 34_000 }, undefined],
  ])("reads %s", (_, error, raw) => {
    expect(readWait(error, raw)).toBe(34);
  });

  test("reads the wait in a text of a million characters", () => {
    const message = `try again in ${"1 ".repeat(500_000)}`;
    expect(readWait({ message }, undefined)).toBeGreaterThan(0);
  });
});

describe("an error with a wait in its body", () => {
  test("has that wait, if the headers have none", () => {
    const error = { code: 429, message: "Please try again in 34.66s." };
    expect(toModelError({ status: 429, error }).retryAfterMs).toBe(34_660);
    const headers = { "retry-after": "2" };
    expect(toModelError({ status: 429, error, headers }).retryAfterMs).toBe(2000);
  });
});

describe("an error by its type alone", () => {
  test.each([
    ["rate_limit_error", "rate_limit_error"],
    ["overloaded_error", "service_error"],
    ["authentication_error", "authentication_error"],
    ["RESOURCE_EXHAUSTED", "rate_limit_error"],
    ["UNAVAILABLE", "service_error"],
  ])("%s is a %s", (type, kind) => {
    expect(classify({ error: { type, message: "No" } })).toBe(kind);
    expect(classify({ error: { status: type, message: "No" } })).toBe(kind);
  });

  test.each([
    [1002, "rate_limit_error"],
    [1004, "authentication_error"],
    [1008, "insufficient_credits_error"],
    [2013, "invalid_request_error"],
    [1000, "service_error"],
  ])("MiniMax's %d is a %s", (status_code, kind) => {
    const error = toModelError({ error: { base_resp: { status_code, status_msg: "No" } } });
    expect([error.kind, error.message]).toEqual([kind, "No"]);
  });
});
