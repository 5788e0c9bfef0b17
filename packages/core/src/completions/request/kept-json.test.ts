import { isDeepStrictEqual } from "node:util";
import { assert, dictionary, jsonValue, nat, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { forgetMessages, keepMessages, keptMessages, writeWithMessages } from "./kept-json.ts";
import { valueOfField } from "./value-of-field.ts";
import type { ChatRequest } from "../wire.ts";

const json =
  '{ "model": "a/b", "messages": [{"role":"user","content":"\\u0041\\"]}"}], "top_p": 1 }';
const messages = '[{"role":"user","content":"\\u0041\\"]}"}]';

function kept(text: string): ChatRequest {
  const request = JSON.parse(text) as ChatRequest;
  keepMessages(request, Buffer.from(text));
  return request;
}

describe("the JSON of messages", () => {
  test("is written as it came", () => {
    const { messages: list, ...others } = kept(json);
    const bytes = keptMessages.get(list) ?? Buffer.alloc(0);
    const written = writeWithMessages({ ...others, messages: list, model: "c/d" }, bytes);
    expect(written.toString()).toBe(`{"model":"c/d","top_p":1,"messages": ${messages}}`);
  });

  test("is not kept where it is no UTF-8: it was parsed to another text", () => {
    const [start = "", end = ""] = json.split("user");
    const bytes = Buffer.concat([Buffer.from(start), Buffer.from([0xff]), Buffer.from(end)]);
    const request = JSON.parse(bytes.toString()) as ChatRequest;
    keepMessages(request, bytes);
    expect(keptMessages.has(request.messages)).toBe(false);
  });

  test("is not kept for a list that may have changed", () => {
    const { messages: list } = kept(json);
    forgetMessages(list);
    expect(keptMessages.has(list)).toBe(false);
  });
});

describe("the value of a field", () => {
  test.each([
    ["is not there", '{"model":"a"}'],
    ["is further inside", '{"a":{"messages":[1]},"b":["messages",":",1]}'],
    ["is there twice", '{"messages":[1],"messages":[2]}'],
    ["has its name with an escape", '{"messages":[1],"mess\\u0061ges":[2]}'],
  ])("is not found where it %s", (_, text) => {
    expect(valueOfField(Buffer.from(text), "messages")).toBeUndefined();
  });

  test("is found in any object", () => {
    const objects = dictionary(string(), jsonValue());
    const isRight = property(objects, jsonValue(), nat(2), (object, value, indent) => {
      const text = JSON.stringify({ ...object, messages: value, last: 1 }, undefined, indent);
      const found = valueOfField(Buffer.from(text), "messages");
      // Another name may have an escape.
      if (found === undefined) return /["\\\p{C}]/u.test(Object.keys(object).join(""));
      return isDeepStrictEqual(JSON.parse(found.toString()), JSON.parse(JSON.stringify(value)));
    });
    assert(isRight);
  });
});
