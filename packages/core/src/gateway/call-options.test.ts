import { describe, expect, test } from "vitest";
import { mergeRequestFields, requestFieldsOf } from "./call-options.ts";

describe("mergeRequestFields", () => {
  test("later fields override earlier ones; undefined fields are skipped", () => {
    const merged = mergeRequestFields(
      { temperature: 0, seed: 1 },
      { temperature: 1, seed: undefined },
      { top_p: null },
    );
    expect(merged).toEqual({ temperature: 1, seed: 1, top_p: null });
  });

  test("merges provider field by field", () => {
    const merged = mergeRequestFields(
      { provider: { data_collection: "deny", order: ["a"] } },
      { provider: { order: ["b"] } },
    );
    expect(merged).toEqual({ provider: { data_collection: "deny", order: ["b"] } });
  });

  test("replaces every other object as a whole", () => {
    const merged = mergeRequestFields(
      { reasoning: { effort: "low", exclude: true } },
      { reasoning: { effort: "high" } },
    );
    expect(merged).toEqual({ reasoning: { effort: "high" } });
  });

  test("lets a call remove the provider of the account", () => {
    expect(mergeRequestFields({ provider: { order: ["a"] } }, { provider: null })).toEqual({
      provider: null,
    });
    expect(mergeRequestFields({ provider: null }, { provider: { order: ["a"] } })).toEqual({
      provider: { order: ["a"] },
    });
  });

  test("does not change its arguments", () => {
    const layer = { provider: { order: ["a"] } };
    mergeRequestFields(layer, { provider: { sort: "price" } });
    expect(layer).toEqual({ provider: { order: ["a"] } });
  });
});

describe("requestFieldsOf", () => {
  test("is empty without options, and for options that are not of the request", () => {
    expect(requestFieldsOf(undefined)).toEqual({});
    expect(requestFieldsOf({ signal: new AbortController().signal, tags: ["a"] })).toEqual({});
  });

  test("translates LangChain's names to those on the wire", () => {
    const options = {
      temperature: 0,
      maxTokens: 1,
      topP: 0.5,
      frequencyPenalty: 1,
      presencePenalty: 2,
      n: 5,
      logprobs: true,
      topLogprobs: 6,
      logitBias: { "7": 8 },
      user: "u",
    };
    expect(requestFieldsOf(options)).toEqual({
      temperature: 0,
      max_tokens: 1,
      top_p: 0.5,
      frequency_penalty: 1,
      presence_penalty: 2,
      n: 5,
      logprobs: true,
      top_logprobs: 6,
      logit_bias: { "7": 8 },
      user: "u",
    });
  });

  test("takes fields by their names on the wire, and omits undefined ones", () => {
    const provider = { order: ["a"] };
    expect(requestFieldsOf({ provider, top_p: 0.5, models: undefined })).toEqual({
      provider,
      top_p: 0.5,
    });
  });

  test("prefers the fields of `request`, including unknown ones", () => {
    const options = { temperature: 1, request: { temperature: 0, top_a: 0.1 } };
    expect(requestFieldsOf(options)).toEqual({ temperature: 0, top_a: 0.1 });
  });
});
