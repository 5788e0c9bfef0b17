import { describe, expect, test } from "vitest";
import * as bodies from "../errors/__fixtures__/error-bodies.ts";
import { ModelError } from "../errors/model-error.ts";
import { completion } from "./__fixtures__/completions.ts";
import { checkCompletion } from "./check-completion.ts";
import type { Completion } from "./wire.ts";

const message = (fields: object) => ({ message: { role: "assistant", content: null, ...fields } });

const call = (text: string) => ({
  tool_calls: [{ id: "call-1", type: "function", function: { name: "search", arguments: text } }],
});

function failureOf(body: unknown): ModelError {
  try {
    checkCompletion(body as Completion);
  } catch (error) {
    if (ModelError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("The completion passed");
}

describe("checkCompletion", () => {
  test.each([
    ["with content", completion()],
    ["cut at max_tokens, with content", completion({ finish_reason: "length" })],
    ["without a finish reason", completion({ finish_reason: null })],
    ["with a refusal", completion(message({ refusal: "I won't" }))],
    [
      "with a tool call",
      completion({ ...message(call('{"query":"x"}')), finish_reason: "tool_calls" }),
    ],
    ["with a tool call without arguments", completion(message(call("")))],
    ["with an error that is null", completion({ error: null }, { error: null })],
  ])("lets an answer pass %s", (_, body) => {
    expect(() => checkCompletion(body)).not.toThrow();
  });

  test.each([
    ["an error instead of choices", bodies.errorInsideOk, "rate_limit_error", undefined],
    ["an error in the choice", bodies.errorInsideChoice, "service_error", undefined],
    [
      "an error in a choice that looks finished",
      completion({ error: { code: 429, message: "Too many" } }),
      "rate_limit_error",
      undefined,
    ],
    [
      "an error beside content",
      completion({}, { error: { code: 503, message: "Down" } }),
      "service_error",
      undefined,
    ],
    ["an error as a text", { error: "overloaded" }, "service_error", undefined],
    ["no choices", completion({}, { choices: [] }), "invalid_response_error", "malformed"],
    [
      "choices that are null",
      completion({}, { choices: null }),
      "invalid_response_error",
      "malformed",
    ],
    ["no body to speak of", {}, "invalid_response_error", "malformed"],
    [
      "a choice without a message",
      completion({ message: undefined }),
      "invalid_response_error",
      "malformed",
    ],
    ["the finish reason error", completion({ finish_reason: "error" }), "service_error", undefined],
    [
      "a content filter",
      completion({ finish_reason: "content_filter" }),
      "permission_error",
      "content_filter",
    ],
    ["no content", completion(message({})), "invalid_response_error", "empty"],
    ["empty content", completion(message({ content: "" })), "invalid_response_error", "empty"],
    ["no tool calls", completion(message({ tool_calls: [] })), "invalid_response_error", "empty"],
    [
      "nothing but max_tokens of thought",
      completion({ ...message({}), finish_reason: "length" }),
      "invalid_response_error",
      "truncated",
    ],
    [
      "arguments that are no JSON",
      completion(message(call('{"query":'))),
      "invalid_response_error",
      "malformed",
    ],
    [
      "arguments that are cut",
      completion({ ...message(call('{"query":')), finish_reason: "length" }),
      "invalid_response_error",
      "truncated",
    ],
  ])("throws for %s", (_, body, kind, reason) => {
    expect([failureOf(body).kind, failureOf(body).details.reason]).toEqual([kind, reason]);
  });

  test("names the tool whose arguments are broken", () => {
    expect(failureOf(completion(message(call("{")))).message).toBe(
      "The arguments of the call of search are not JSON",
    );
  });

  test("keeps what the error in the answer says", () => {
    expect(failureOf(bodies.errorInsideOk)).toMatchObject({
      message: "Provider returned error: error code: 1015",
      details: { status: 429, provider: "Kluster" },
    });
  });
});
