import { describe, expect, test } from "vitest";
import { answer, now, read } from "./__fixtures__/api-error.ts";
import * as bodies from "./__fixtures__/error-bodies.ts";
import { classify, toModelError } from "./index.ts";

describe("a status without a body", () => {
  test.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [402, "insufficient_credits_error"],
    [403, "permission_error"],
    [404, "invalid_request_error"],
    [408, "timeout_error"],
    [409, "service_error"],
    [412, "invalid_request_error"],
    [413, "invalid_request_error"],
    [422, "invalid_request_error"],
    [424, "service_error"],
    [425, "service_error"],
    [429, "rate_limit_error"],
    [499, "service_error"],
    [500, "service_error"],
    [502, "service_error"],
    [503, "service_error"],
    [504, "service_error"],
    [524, "service_error"],
    [529, "service_error"],
  ] as const)("%i is a %s", (status, kind) => {
    expect(read(answer(status))).toMatchObject({ kind, status });
    expect(classify(answer(status))).toBe(kind);
    expect(classify({ status })).toBe(kind);
    // The same, as OpenRouter says it once the model has begun.
    expect(read({ error: { code: status, message: "No" } })).toMatchObject({ kind, status });
  });

  test("names itself by its status", () => {
    expect(read({ status: 503 }).message).toBe("HTTP 503");
    expect(read(answer(503)).message).toBe("503 status code (no body)");
  });

  test.each([
    "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>",
    "<!DOCTYPE html>\n<!--[if lt IE 7]><html><![endif]-->\n<head>\n<title >\n 502 Bad\nGateway </title>",
  ])("is explained by the title of a web page: %j", (page) => {
    const { message } = toModelError({ status: 502, message: page });
    expect(message).toBe('A web page: "502 Bad Gateway"');
    const error = { code: 502, message: "Provider returned error", metadata: { raw: page } };
    expect(read({ error }).message).toBe('Provider returned error: A web page: "502 Bad Gateway"');
  });

  test("does not repeat the whole of a web page", () => {
    const { message, kind } = read(answer(502, undefined, {}, `<html>${"x".repeat(100_000)}`));
    expect(kind).toBe("service_error");
    expect(message).toMatch(/^502 <html>x+…$/);
    expect(message.length).toBeLessThan(2100);
  });
});

describe("a body of OpenRouter's", () => {
  test.each([
    [
      "a provider's used up pool",
      429,
      bodies.sharedPool,
      {
        kind: "rate_limit_error",
        provider: "DeepInfra",
        limitSource: "upstream_provider_shared_pool",
        message: expect.stringMatching(/^Provider returned error: deepseek\/.* rate-limited/),
      },
    ],
    [
      "the same with the wait in the body",
      429,
      bodies.sharedPoolWithHints,
      { kind: "rate_limit_error", provider: "Venice", retryAfterMs: 17_000 },
    ],
    [
      "the minute's free calls",
      429,
      bodies.freePerMinute(now + 41_000),
      { kind: "rate_limit_error", retryAfterMs: 41_000 },
    ],
    [
      "the day's free calls",
      429,
      bodies.freePerDay(now + 3_600_000),
      {
        kind: "quota_error",
        reason: "daily_quota",
        retryAfterMs: 3_600_000,
        limitSource: "openrouter_free_tier_daily",
      },
    ],
    [
      "the day's free calls of a paying account",
      429,
      bodies.highBalancePerDay,
      { kind: "quota_error", reason: "daily_quota" },
    ],
    [
      "a balance that could not be looked up",
      429,
      bodies.admissionControl,
      {
        kind: "rate_limit_error",
        retryAfterMs: 10_000,
        limitSource: "openrouter_admission_control",
      },
    ],
    [
      "too large an answer for the balance",
      402,
      bodies.unaffordable,
      {
        kind: "insufficient_credits_error",
        reason: "unaffordable_max_tokens",
        affordableTokens: 10_114,
      },
    ],
    [
      "credit that is held by other calls",
      402,
      bodies.inFlight,
      {
        kind: "rate_limit_error",
        reason: "in_flight_budget",
        limitSource: "openrouter_in_flight_budget",
      },
    ],
    ["a key's limit", 402, bodies.keyLimit, { kind: "insufficient_credits_error" }],
    ["a key's limit as a 403", 403, bodies.keyLimit, { kind: "insufficient_credits_error" }],
    [
      "moderation",
      403,
      bodies.moderation,
      {
        kind: "permission_error",
        reason: "content_filter",
        message:
          "Your chosen model requires moderation and your input was flagged: violence, self-harm",
      },
    ],
    [
      "moderation with only the reasons",
      403,
      { error: { code: 403, message: "Forbidden", metadata: { reasons: ["hate"] } } },
      { kind: "permission_error", reason: "content_filter" },
    ],
    [
      "a provider that failed with a 404",
      404,
      bodies.transientNotFound,
      { kind: "service_error", provider: "Nvidia", message: "Provider returned error" },
    ],
    [
      "a missing key",
      401,
      { error: { code: 401, message: "Missing Authentication header" } },
      { kind: "authentication_error", message: "Missing Authentication header" },
    ],
    [
      "an unknown model",
      400,
      { error: { code: 400, message: "openai/gpt-9 is not a valid model ID" } },
      { kind: "invalid_request_error", reason: "model_not_found" },
    ],
    [
      "a model that no one serves",
      404,
      { error: { code: 404, message: "No endpoints found for a/b." } },
      { kind: "invalid_request_error", reason: "model_not_found" },
    ],
    [
      "a model that its provider does not serve now",
      404,
      {
        error: {
          code: 404,
          message: "Unavailable",
          availability: { code: "model_unavailable_upstream", retryable: false },
        },
      },
      { kind: "invalid_request_error", reason: "model_not_found" },
    ],
    [
      "used up capacity",
      429,
      {
        error: {
          code: 429,
          message: "Busy",
          availability: { code: "capacity_exhausted", retryable: true, retry_after: 5 },
        },
      },
      { kind: "rate_limit_error", retryAfterMs: 5000 },
    ],
    [
      "too long a context",
      400,
      {
        error: {
          code: 400,
          message:
            "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 tokens",
        },
      },
      { kind: "invalid_request_error", reason: "context_length_exceeded" },
    ],
    [
      "too long a context, by its type",
      400,
      { error: { code: 400, message: "No", metadata: { error_type: "context_length_exceeded" } } },
      { kind: "invalid_request_error", reason: "context_length_exceeded" },
    ],
    [
      "a refused prompt",
      400,
      { error: { code: 400, message: "No", metadata: { error_type: "content_policy_violation" } } },
      { kind: "permission_error", reason: "content_filter" },
    ],
    [
      "an unknown parameter",
      400,
      { error: { code: 400, message: "max_tokens must be positive" } },
      { kind: "invalid_request_error", reason: undefined },
    ],
    [
      "a path that is not there",
      404,
      { error: { code: 404, message: "Not Found" } },
      { kind: "invalid_request_error", reason: undefined },
    ],
  ])("%s (%i)", (_, status, body, expected) => {
    expect(read(answer(status, body))).toMatchObject({ status, ...expected });
    // The bare body, as a response's JSON.
    expect(read(body)).toMatchObject({ ...expected });
    expect(classify(body)).toBe(expected.kind);
    // Through Portkey's gateway, as text in a message.
    expect(read(answer(status, bodies.throughPortkey(body)))).toMatchObject({
      status,
      ...expected,
    });
  });

  test("OpenAI's empty account, behind a gateway, is not a rate limit", () => {
    const error = {
      message: "openai error: You exceeded your current quota",
      code: "insufficient_quota",
    };
    expect(read(answer(429, { error }))).toMatchObject({
      kind: "insufficient_credits_error",
      status: 429,
    });
  });

  test.each([
    ["a 200 with an error", bodies.errorInsideOk, "rate_limit_error", 429],
    [
      "a 200 with its status and an error",
      { status: 200, error: { code: 402, message: "No credits" } },
      "insufficient_credits_error",
      200,
    ],
    ["a choice's error", bodies.errorInsideChoice.choices[0], "service_error", 502],
    ["a chunk's error", bodies.errorChunk, "rate_limit_error", 429],
    ["a chunk's error with a word", bodies.errorChunkWithWord, "service_error", undefined],
    ["a chunk without a choice", bodies.errorChunkWithoutChoice, "rate_limit_error", 429],
    ["an error that is a text", { error: "overloaded" }, "service_error", undefined],
  ])("%s", (_, body, kind, status) => {
    expect(read(body)).toMatchObject({ kind, message: expect.not.stringMatching("without") });
    expect(toModelError(body).status).toBe(status);
  });

  test.each([
    ["authentication", "authentication_error"],
    ["permission_denied", "permission_error"],
    ["payment_required", "insufficient_credits_error"],
    ["rate_limit_exceeded", "rate_limit_error"],
    ["provider_overloaded", "service_error"],
    ["provider_unavailable", "service_error"],
    ["timeout", "timeout_error"],
    ["server", "service_error"],
    ["unmapped", "service_error"],
    ["invalid_request", "invalid_request_error"],
    ["max_tokens_exceeded", "invalid_request_error"],
    ["image_download_failed", "invalid_request_error"],
    ["precondition_failed", "invalid_request_error"],
    ["refusal", "permission_error"],
    ["toString", "service_error"],
  ] as const)("error_type %s without a status is a %s", (type, kind) => {
    expect(classify({ error: { message: "No", metadata: { error_type: type } } })).toBe(kind);
  });
});
