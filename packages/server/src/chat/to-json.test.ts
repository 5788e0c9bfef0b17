import type { CompletionChunk } from "@orchestra/core";
import { expect, test } from "vitest";
import { chunk } from "../test-support/start-upstream.ts";
import { toJson } from "./to-json.ts";

const text = chunk({ content: "Hello" });
const object = "chat.completion.chunk";
const parsed = JSON.parse(text) as CompletionChunk;

test("an ordinary chunk is written unchanged", () => {
  expect(toJson(parsed, object)).toBe(text);
});

test.each([
  ["an error that says nothing", { ...parsed, error: {} }],
  ["the mark of the model that was asked", { ...parsed, asked_model: "openai/gpt-4o" }],
  ["the name of another form", { ...parsed, object: "chat.completion" }],
  ["a usage that counts nothing", { ...parsed, usage: { cost: 0.1 } }],
  ["a usage of null", { ...parsed, usage: null }],
  [
    "a list that is null",
    {
      ...parsed,
      choices: parsed.choices.map((choice) => ({
        ...choice,
        delta: { ...choice.delta, tool_calls: null },
      })),
    },
  ],
  [
    "a choice without its finish",
    {
      ...parsed,
      choices: parsed.choices.map((choice) => ({ ...choice, finish_reason: undefined })),
    },
  ],
  [
    "a choice without its index",
    { ...parsed, choices: parsed.choices.map((choice) => ({ ...choice, index: undefined })) },
  ],
  [
    "an index of null",
    { ...parsed, choices: parsed.choices.map((choice) => ({ ...choice, index: null })) },
  ],
  ["a choice that is null", { ...parsed, choices: [...parsed.choices, null] }],
])("%s is not what clients get", (_, odd) => {
  expect(JSON.parse(toJson(odd as CompletionChunk, object))).toEqual(parsed);
});

test("a usage in texts is one in numbers", () => {
  const counts = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  const usage = { ...counts, cost: "0.000024", cost_details: { upstream_inference_cost: "0.5" } };
  const sent = JSON.parse(toJson({ ...parsed, usage }, object)) as object;
  const cost_details = { upstream_inference_cost: 0.5 };
  expect(sent).toEqual({ ...parsed, usage: { ...counts, cost: 0.000024, cost_details } });
});

test("a completion has the fingerprint null", () => {
  const completion = { ...parsed, object: "chat.completion" } as never;
  expect(JSON.parse(toJson(completion, "chat.completion"))).toMatchObject({
    system_fingerprint: null,
  });
});
