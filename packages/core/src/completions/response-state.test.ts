import { describe, expect, test } from "vitest";
import * as bodies from "../errors/__fixtures__/error-bodies.ts";
import { ModelError } from "../errors/model-error.ts";
import { chunk, completion, usage, usageChunk, wireUsage } from "./__fixtures__/completions.ts";
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
    ["with a refusal and content", completion(message({ refusal: "I won't", content: "Hi" }))],
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
  ])("accepts an answer %s", (_, body) => {
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
    ["empty sound", completion(message({ audio: {} })), "invalid_response_error", "empty"],
    [
      "an empty call",
      completion(message({ function_call: {} })),
      "invalid_response_error",
      "empty",
    ],
    ["no pictures", completion(message({ images: {} })), "invalid_response_error", "empty"],
    ["no tool calls", completion(message({ tool_calls: [] })), "invalid_response_error", "empty"],
    [
      "nothing but max_tokens of thought",
      completion({ ...message({}), finish_reason: "length" }),
      "invalid_response_error",
      "truncated",
    ],
    ["a refusal", completion(message({ refusal: "I won't" })), "permission_error", "refusal"],
    [
      "arguments that are cut",
      completion({ ...message(call('{"query":')), finish_reason: "length" }),
      "invalid_response_error",
      "truncated",
    ],
  ])("throws for %s", (_, body, kind, reason) => {
    expect([failureOf(body).kind, failureOf(body).details.reason]).toEqual([kind, reason]);
  });

  test("accepts arguments that are not JSON: the model corrects them", () => {
    expect(() => checkCompletion(completion(message(call("{"))))).not.toThrow();
  });

  test("reads an error that is a list", () => {
    expect(failureOf(completion({}, { error: ["", "It is down"] }))).toMatchObject({
      kind: "service_error",
      message: "It is down",
    });
    const error = [{ code: 429, message: "Too many requests" }];
    expect(failureOf(completion({}, { error })).kind).toBe("rate_limit_error");
  });

  test("keeps the message of the error in the answer", () => {
    expect(failureOf(bodies.errorInsideOk)).toMatchObject({
      message: "Provider returned error: error code: 1015",
      details: { status: 429, provider: "Kluster" },
    });
  });
});

describe("ResponseState", () => {
  test.each([[undefined], [null], ["10"], [10]])("reads no usage from %j", (value) => {
    const state = new ResponseState();
    state.readBody(completion({}, { usage: value }));
    expect(state.metadata.usage).toBeUndefined();
  });

  test("keeps the usage with numbers above zero", () => {
    const state = new ResponseState();
    state.readBody(completion());
    state.readBody(completion({}, { usage: { prompt_tokens: 0, completion_tokens: 0 } }));
    expect(state.metadata.usage).toEqual(usage);
    expect(state.metadata.costSource).toBe("server");
  });

  test("is finished by a finish reason, and complete with the usage after it", () => {
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

  test("passes a finish reason on once, and another one", () => {
    const state = new ResponseState();
    const reasons = ["stop", "stop", "length", "length"].map((reason) => {
      const each = chunk({ content: "a" }, reason);
      state.take(each, 1);
      return each.choices[0]?.finish_reason;
    });
    expect(reasons).toEqual(["stop", null, "length", null]);
    expect(() => state.end()).not.toThrow();
  });

  test("passes the same finish reason of each choice on", () => {
    const state = new ResponseState();
    state.requestedChoices = 2;
    const reasons = [0, 1, 1].map((index) => {
      const choices = [{ index, delta: { content: "a" }, finish_reason: "stop" }];
      const each = chunk({}, null, { choices });
      state.take(each, 1);
      return each.choices[0]?.finish_reason;
    });
    expect(reasons).toEqual(["stop", "stop", null]);
  });

  test("does not use the fee as the cost if the provider's price is missing", () => {
    const state = new ResponseState();
    state.readBody(completion({}, { usage: { ...wireUsage, cost: 0, is_byok: true } }));
    expect(state.metadata.usage).toEqual({ ...usage, costUsd: 0 });
    expect(state.metadata.costSource).toBeUndefined();
  });

  test("takes a cost of 0 that is a text for the server's", () => {
    const state = new ResponseState();
    state.readBody(completion({}, { usage: { ...wireUsage, cost: "0.00" } }));
    expect(state.metadata).toMatchObject({ usage: { costUsd: 0 }, costSource: "server" });
  });

  test("ignores a cost of 0 before the finish", () => {
    const state = new ResponseState();
    const free = { prompt_tokens: 10, completion_tokens: 1, cost: 0 };
    state.take(chunk({ content: "a" }, null, { usage: free }), 1);
    expect(state.metadata.costSource).toBeUndefined();
    state.take(chunk({ content: "b" }, "stop", { usage: { ...free, completion_tokens: 2 } }), 1);
    expect(state.metadata).toMatchObject({ usage: { costUsd: 0 }, costSource: "server" });
  });

  test.each([
    ["before", [0.001, 0.04]],
    ["after", [0.04, 0.001]],
  ])("does not use the fee as the cost, %s which the cost arrives", (_, costs) => {
    const state = new ResponseState();
    for (const cost of costs) {
      const reported = { ...wireUsage, cost, is_byok: cost === 0.001 };
      state.take(chunk({ content: "a" }, "stop", { usage: reported }), 1);
    }
    expect(state.metadata).toMatchObject({ usage: { costUsd: 0.04 }, costSource: "server" });
  });

  test("uses a cost that arrives separately, and not the fee before it", () => {
    const state = new ResponseState();
    const fee = { ...wireUsage, cost: 0.001, is_byok: true };
    state.take(chunk({ content: "a" }, "stop", { usage: fee }), 1);
    state.take(chunk({}, null, { choices: [], usage: { cost: 0.04 } }), 1);
    expect(state.metadata).toMatchObject({ usage: { costUsd: 0.04 }, costSource: "server" });
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

  test("waits for a cost in a separate chunk", () => {
    const state = new ResponseState();
    const usageOf = (fields: object) => chunk({}, null, { choices: [], usage: fields });
    state.take(chunk({ content: "Hi" }, "stop"), 1);
    state.take(usageOf({ prompt_tokens: 10, completion_tokens: 5 }), 1);
    expect(state.isComplete).toBe(false);
    state.take(usageOf({ cost: 0.5 }), 1);
    expect(state.isComplete).toBe(true);
    expect(state.metadata).toMatchObject({
      usage: { promptTokens: 10, completionTokens: 5, costUsd: 0.5 },
      costSource: "server",
    });
  });

  // LangChain refuses to join `false` with the text that comes later.
  test.each([false, 0])("continues after a finish reason of %s", (finish) => {
    const state = new ResponseState();
    const going = chunk({ content: "a" }, finish as never);
    state.take(going, 1);
    expect(going.choices[0]?.finish_reason).toBeNull();
    expect(state.isFinished).toBe(false);
    state.take(chunk({}, "stop"), 2);
    expect(state.isFinished).toBe(true);
  });

  test("is finished by the finish reasons of all choices that were asked for", () => {
    const state = new ResponseState();
    state.requestedChoices = 2;
    const finish = (index: number) =>
      chunk({}, null, { choices: [{ index, delta: { content: "a" }, finish_reason: "stop" }] });
    state.take(finish(0), 1);
    expect(state.isFinished).toBe(false);
    // A server that makes one choice of two has answered all the same.
    expect(() => state.end()).not.toThrow();
    state.take(finish(1), 1);
    expect(state.isFinished).toBe(true);
  });

  test.each([
    ["in the choice", { choices: [{ delta: {}, finish_reason: "stop", usage: wireUsage }] }],
    ["in x_groq", { x_groq: { usage: wireUsage } }],
  ])("reads the usage %s", (_, fields) => {
    const state = new ResponseState();
    state.take(chunk({}, "stop", fields), 1);
    expect(state.metadata.usage).toEqual(usage);
  });

  test("reads a message as a delta, without text that deltas already had", () => {
    const whole = { choices: [{ index: 0, message: { content: "Hi" }, finish_reason: "stop" }] };
    const state = new ResponseState();
    const first = chunk({}, null, whole);
    state.take(first, 1);
    expect(first.choices[0]?.delta).toEqual({ content: "Hi" });
    const again = chunk({}, null, structuredClone(whole));
    delete (again.choices[0] as Partial<(typeof again.choices)[0]>).delta;
    state.take(again, 1);
    expect(again.choices[0]?.delta).toEqual({});
  });

  test.each([
    ["an object", { object: "error", message: "Rate limited", code: 429 }, "rate_limit_error"],
    ["FastAPI's detail", { detail: "Rate limited" }, "rate_limit_error"],
    ["a message with a code", { message: "Rate limited", code: 429 }, "rate_limit_error"],
    [
      "MiniMax's base_resp",
      { base_resp: { status_code: 1002, status_msg: "Rate limited" } },
      "rate_limit_error",
    ],
  ])("throws for an error that is %s", (_, body, kind) => {
    const failures = [
      () => new ResponseState().take(body as never, 1),
      () => checkCompletion(body as never),
    ];
    for (const fail of failures) {
      expect(fail).toThrow(expect.objectContaining({ code: kind, message: "Rate limited" }));
    }
  });

  test.each([[{}], [{ code: null, message: "" }], [{ code: "", metadata: {} }], [null], [""]])(
    "takes the error %j for none",
    (error) => {
      const state = new ResponseState();
      state.take(chunk({ content: "Hi" }, "stop", { error }), 1);
      expect(state.isFinished).toBe(true);
    },
  );
});
