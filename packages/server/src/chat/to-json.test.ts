import type { CompletionChunk } from "@orchestra/core";
import { expect, test } from "vitest";
import { chunk } from "../test-support/start-upstream.ts";
import { toJson } from "./to-json.ts";

const text = chunk({ content: "Hello" });
const parsed = JSON.parse(text) as CompletionChunk;

test("a usual chunk is written as it is", () => {
  expect(toJson(parsed)).toBe(text);
});

test.each([
  ["an error that says nothing", { ...parsed, error: {} }],
  ["the mark of the model that was asked", { ...parsed, asked_model: "openai/gpt-4o" }],
  [
    "a choice without its index",
    { ...parsed, choices: parsed.choices.map((choice) => ({ ...choice, index: undefined })) },
  ],
])("%s is not what clients get", (_, odd) => {
  expect(JSON.parse(toJson(odd as CompletionChunk))).toEqual(parsed);
});
