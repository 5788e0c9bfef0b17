import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CallFailedError, createLogger, ModelError, type ErrorReason } from "@orchestra/core";
import { databaseProblemOf } from "@orchestra/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { errorOf, hello, post } from "../test-support/client.ts";
import { startTestServer, type TestServer } from "../test-support/start-test-server.ts";
import { answerErrors } from "./answer-errors.ts";
import { statusOfKind, statusOfReason } from "./statuses.ts";
import { toApiError } from "./to-api-error.ts";

const answer = answerErrors({
  logger: createLogger({ level: "silent", redact: (text) => text }),
  databaseProblemOf,
});

describe("failed calls", () => {
  let t: TestServer;

  beforeAll(async () => {
    t = await startTestServer({
      environment: { LLM_MAX_RETRIES: "0", LLM_CIRCUIT_FAILURES: "none" },
    });
  });
  afterAll(() => t[Symbol.asyncDispose]());
  beforeEach(() => t.sandbox.reset());

  test.each([
    [400, 400, "invalid_request_error"],
    [401, 502, "authentication_error"],
    [402, 402, "insufficient_credits_error"],
    [403, 403, "permission_error"],
    [408, 504, "timeout_error"],
    [500, 502, "service_error"],
    [503, 502, "service_error"],
  ])("a %i of the models is a %i", async (upstream, status, type) => {
    t.sandbox.order({ fault: "status", status: upstream });
    const response = await post(t.url, { ...hello, model: `openai/gpt-4o` });
    expect(response.status).toBe(status);
    expect(response.headers.get("x-should-retry")).toBe("false");
    const error = await errorOf(response);
    expect(error).toMatchObject({ type, param: null });
    expect(error.message).toContain("Model call failed (role: general)");
    expect(error.metadata).toMatchObject({
      upstream_status: upstream,
      attempts: [{ model: "openai/gpt-4o", status: upstream, kind: type }],
    });
  });

  test("a 429 has the time to wait", async () => {
    t.sandbox.order({ fault: "status", status: 429, retryAfterSeconds: 7 });
    const response = await post(t.url, hello);
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(response.headers.get("x-should-retry")).toBeNull();
    expect(await errorOf(response)).toMatchObject({ type: "rate_limit_error" });
  });

  test("an unknown model is a 404, also in a stream", async () => {
    for (const stream of [false, true]) {
      const response = await post(t.url, { ...hello, model: "openai/no-such-model", stream });
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toMatchObject({ code: "model_not_found" });
    }
  });
});

describe("the advice of a failed call", () => {
  test("about an unknown model names the nearest ones and the list, and no setting of the server", async () => {
    await using t = await startTestServer();
    const response = await post(t.url, { ...hello, model: "openai/gpt-4o-mimi" });
    const { message } = await errorOf(response);
    expect(message).toMatch(
      /Nearest: openai\/gpt-4o-mini, .+ GET \/v1\/models lists all models\.$/,
    );
    expect(message).not.toMatch(settingName);
    expect(t.records[0]?.error?.advice).toContain("AGENT_MODEL_MAP");
  });

  test.each<[ErrorReason, RegExp]>([
    ["unsupported_feature", /Use a model that supports it/],
    ["context_length_exceeded", /Shorten the input/],
    ["truncated", /Raise max_tokens\.$/],
    ["refusal", /No\.$/],
  ])("about %s is for a client", (reason, expected) => {
    const last = new ModelError("No", { kind: "invalid_request_error", reason });
    const advice = "Set PORTKEY_FALLBACKS.";
    const { message } = toApiError(new CallFailedError("writer", [], [last], { advice }));
    expect(message).toMatch(expected);
    expect(message).not.toMatch(settingName);
  });
});

/** The name of a variable of the environment. */
const settingName = /\b[A-Z]+_[A-Z_]+\b/;

test("an unexpected error is a 500 without its message", async () => {
  const error = toApiError(new Error("connect to 10.0.0.7 with hunter22"));
  expect(error.details.status).toBe(500);
  expect(error.message).not.toContain("hunter22");
});

test("a connection that a provider breaks is none of the database's", () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const ofProvider = new ModelError("x", { kind: "connection_error" }, { cause });
  expect(answer(ofProvider).details).toMatchObject({ status: 502, code: "connection_error" });
  const details = { kind: "budget_error", reason: "limits_unavailable" } as const;
  const ofStore = new ModelError("x", details, { cause });
  expect(answer(ofStore).details).toMatchObject({ status: 503, code: "database_away" });
});

test("a reason that is more specific than the kind determines the status", () => {
  const of = (reason: "model_not_found" | "circuit_open" | "empty") =>
    toApiError(new ModelError("x", { kind: "service_error", reason })).details;
  expect(of("model_not_found")).toMatchObject({ status: 404, code: "model_not_found" });
  expect(of("circuit_open").status).toBe(503);
  expect(of("empty")).toMatchObject({ status: 502, type: "service_error" });
});

test("docs/service.md has the status of every kind", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/service.md"), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` +\| (\d{3}) +\|/gm)];
  const shown = rows.map(([, name = "", status]) => [name, Number(status)]);
  expect(Object.fromEntries(shown)).toEqual({ ...statusOfKind, ...statusOfReason });
});
