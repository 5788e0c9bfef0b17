import { describe, expect, test } from "vitest";
import { asDelta, flattenContent, type LooseMessage } from "./content-parts.ts";

const flattened = (message: LooseMessage) => {
  flattenContent(message);
  return message;
};

describe("flattenContent", () => {
  test.each([
    [
      "parts of text",
      [
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ],
      "ab",
    ],
    ["parts that are texts", ["a", "b"], "ab"],
    ["a part without a type", [{ text: "a" }], "a"],
    ["parts of another name", [{ type: "output_text", text: "a" }], "a"],
    ["a text inside a text", [{ type: "text", text: { value: "a" } }], "a"],
    ["one part", { type: "text", text: "a" }, "a"],
    ["parts of parts", { parts: [{ text: "a" }, { text: "b" }] }, "ab"],
    ["nothing", [], ""],
    ["what is not a part", [null, false, { type: "reference", reference_ids: [1] }], ""],
    ["a number", 42, "42"],
    ["a boolean", true, "true"],
    ["lists in lists", [["a", [{ text: "b" }]], [1]], "ab1"],
    ["an object that is the answer itself", { a: { b: 1 } }, '{"a":{"b":1}}'],
  ])("makes text of %s", (_, content, text) => {
    expect(flattened({ content })).toEqual({ content: text });
  });

  test.each([
    ["Mistral's", { type: "thinking", thinking: [{ type: "text", text: "Hm" }] }],
    ["Anthropic's", { type: "thinking", thinking: "Hm", signature: "c2ln" }],
    ["OpenAI's", { type: "reasoning", summary: [{ type: "summary_text", text: "Hm" }] }],
    ["a plain part's", { type: "reasoning", text: "Hm" }],
  ])("keeps %s reasoning out of the text", (_, part) => {
    expect(flattened({ content: [part, { type: "text", text: "Hi" }] })).toEqual({
      content: "Hi",
      reasoning: "Hm",
    });
  });

  test("moves refusals and pictures to their fields", () => {
    const image = { type: "image_url", image_url: { url: "data:," } };
    const refusal = { type: "refusal", refusal: "No." };
    expect(flattened({ content: [image, refusal] })).toEqual({
      content: "",
      refusal: "No.",
      images: [image],
    });
  });
});

describe("asDelta", () => {
  const choice = (message?: object) => ({ index: 0, finish_reason: null, message }) as never;

  test("is the message, unless deltas had its text", () => {
    expect(asDelta(choice({ content: "Hi" }), false)).toEqual({ content: "Hi" });
    expect(asDelta(choice({ content: "Hi" }), true)).toEqual({});
    expect(asDelta(choice(), false)).toEqual({});
  });
});
