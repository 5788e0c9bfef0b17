import { expect, test } from "vitest";
import { readWrittenCalls } from "./written-calls.ts";
import type { ChatRequest, Completion } from "../wire.ts";

const request = {
  model: "a/b",
  messages: [],
  tools: [{ type: "function", function: { name: "weather", parameters: { type: "object" } } }],
} as unknown as ChatRequest;

function read(content: string) {
  const choice = { index: 0, message: { role: "assistant", content }, finish_reason: "stop" };
  const completion = { choices: [choice] } as unknown as Completion;
  readWrittenCalls(completion, request);
  return completion.choices[0];
}

test.each([
  '<tool_call>{"name":"weather","arguments":{"city":"Vell"}}</tool_call>',
  '<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{"city":"Vell"}<|call|>',
  '<function=weather>{"city":"Vell"}</function>',
  '[TOOL_CALLS][{"name":"weather","arguments":{"city":"Vell"}}]',
  '<|python_tag|>{"name":"weather","parameters":{"city":"Vell"}}',
])("reads a call that is written as %s", (content) => {
  expect(read(content)).toMatchObject({
    finish_reason: "tool_calls",
    message: {
      content: null,
      tool_calls: [{ function: { name: "weather", arguments: '{"city":"Vell"}' } }],
    },
  });
});

test("reads each of several calls", () => {
  const call = '<tool_call>{"name":"weather","arguments":{}}</tool_call>';
  expect(read(`${call}\n${call}`)?.message.tool_calls).toHaveLength(2);
});

test.each([
  ["a tool that was not offered", '<tool_call>{"name":"pay","arguments":{}}</tool_call>'],
  ["other text", '<tool_call>{"name":"weather","arguments":{}}</tool_call> is how to call it.'],
  ["arguments that are cut off", '<function=weather>{"city":"Ve'],
  ["a list of arguments", "<function=weather>[1]</function>"],
  ["an HTML page", "<p>It rains.</p>"],
  ["a call without an end", `<|channel|> to=functions.${"a".repeat(200_000)}`],
  ["many calls without an end", "<|channel|>commentary to=functions.weather ".repeat(10_000)],
  ["thousands of calls", '<function=weather>{"city":"Vell"}</function>'.repeat(5000)],
])("leaves the text alone with %s", (_, content) => {
  expect(read(content)).toMatchObject({ finish_reason: "stop", message: { content } });
});
