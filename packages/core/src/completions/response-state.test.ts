import { describe, expect, test } from "vitest";
import * as bodies from "../errors/__fixtures__/error-bodies.ts";
import { ModelError } from "../errors/model-error.ts";
import { noUsage } from "../usage/usage.ts";
import { chunk, completion, usage, usageChunk, wireUsage } from "./__fixtures__/completions.ts";
import { readUsage } from "./read-usage.ts";
import { checkCompletion, ResponseState } from "./response-state.ts";
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
    ["with an error that is empty", completion({ error: {} }, { error: {} })],
    ["with sound alone", completion(message({ audio: { id: "audio-1" } }))],
    ["with pictures alone", completion(message({ images: [{ type: "image_url" }] }))],
    [
      "with a function call of the older kind",
      completion(message({ function_call: { name: "search", arguments: "{}" } })),
    ],
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
      "arguments that are cut",
      completion({ ...message(call('{"query":')), finish_reason: "length" }),
      "invalid_response_error",
      "truncated",
    ],
  ])("throws for %s", (_, body, kind, reason) => {
    expect([failureOf(body).kind, failureOf(body).details.reason]).toEqual([kind, reason]);
  });

  test("lets arguments pass that are not JSON: the model corrects them", () => {
    expect(() => checkCompletion(completion(message(call("{"))))).not.toThrow();
  });

  test("keeps what the error in the answer says", () => {
    expect(failureOf(bodies.errorInsideOk)).toMatchObject({
      message: "Provider returned error: error code: 1015",
      details: { status: 429, provider: "Kluster" },
    });
  });
});

describe("readUsage", () => {
  test("reads OpenAI's fields and OpenRouter's cost", () => {
    expect(readUsage(wireUsage)).toEqual(usage);
  });

  test("counts what is not reported, or is not a count, as 0", () => {
    expect(readUsage({ prompt_tokens: 3 })).toEqual({ ...noUsage, promptTokens: 3 });
    expect(
      readUsage({
        prompt_tokens: "three",
        completion_tokens: -1,
        cost: Number.NaN,
        prompt_tokens_details: null,
        completion_tokens_details: { reasoning_tokens: null },
      }),
    ).toEqual(noUsage);
    expect(readUsage({ cost: Infinity })).toEqual(noUsage);
    expect(readUsage({ prompt_tokens: 1e308, cost: 1e308 })).toEqual(noUsage);
  });

  test("reads numbers that are texts, and a total alone as the prompt's", () => {
    expect(readUsage({ prompt_tokens: "3", cost: "0.5" })).toEqual({
      ...noUsage,
      promptTokens: 3,
      costUsd: 0.5,
    });
    expect(readUsage({ total_tokens: 100 })).toEqual({ ...noUsage, promptTokens: 100 });
  });
});

describe("ResponseState", () => {
  test.each([[undefined], [null], ["10"], [10]])("reads no usage from %j", (value) => {
    const state = new ResponseState();
    state.readBody(completion({}, { usage: value }));
    expect(state.metadata.usage).toBeUndefined();
  });

  test("keeps the usage that says more than zero", () => {
    const state = new ResponseState();
    state.readBody(completion());
    state.readBody(completion({}, { usage: { prompt_tokens: 0, completion_tokens: 0 } }));
    expect(state.metadata.usage).toEqual(usage);
    expect(state.metadata.costSource).toBe("server");
  });

  test("is finished by a finish reason, and complete with the usage behind it", () => {
    const state = new ResponseState();
    const follow = (each: Parameters<typeof state.take>[0]) => {
      const isProgress = state.take(each, 5);
      return [isProgress, state.hasToken, state.isFinished, state.isComplete];
    };
    expect(follow(chunk({ role: "assistant", content: "" }))).toEqual([false, false, false, false]);
    expect(follow(chunk({ reasoning: "Hm" }))).toEqual([true, true, false, false]);
    expect(follow(chunk({ content: "" }, null, { usage: wireUsage }))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(follow(chunk({ content: "Hi" }, "stop"))).toEqual([true, true, true, false]);
    expect(follow(usageChunk)).toEqual([false, true, true, true]);
    expect(() => state.end()).not.toThrow();
  });

  test("keeps the time of the first token", () => {
    const state = new ResponseState();
    state.take(chunk({ role: "assistant" }), 1);
    state.take(chunk({ content: "a" }), 2);
    state.take(chunk({ content: "b" }), 3);
    expect(state.metadata.firstTokenAt).toBe(2);
  });

  test.each([[[]], [{}], [""], [null]])("takes %j for no token", (value) => {
    const state = new ResponseState();
    state.take(chunk({ content: value, tool_calls: value, reasoning: value }), 1);
    expect(state.hasToken).toBe(false);
  });
});
