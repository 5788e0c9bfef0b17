import { expect, test } from "vitest";
import { keepMessages } from "../completions/request/kept-json.ts";
import { estimateRequest } from "./estimate-request.ts";

test("the prompt of a request is read once, for budgets and limits", () => {
  let reads = 0;
  const content = { toJSON: () => ((reads += 1), "Hello") };
  const request = { model: "a/b", messages: [{ role: "user", content }] } as never;
  expect(estimateRequest(request)).toBe(estimateRequest(request));
  expect(reads).toBe(1);
});

test("messages that are kept as JSON are counted by it, unless it has escapes that the model does not get", () => {
  const messages = [{ role: "user", content: '我能吞下玻璃 [1], or "glass"' }];
  const counted = (json: string): number => {
    const request = { model: "a/b", ...(JSON.parse(json) as { messages: [] }) };
    const { promptTokens } = estimateRequest(request);
    keepMessages(request, Buffer.from(json));
    return estimateRequest({ ...request }).promptTokens - promptTokens;
  };
  const json = JSON.stringify({ messages });
  const escaped = json.replaceAll(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
  expect(Math.abs(counted(json))).toBeLessThanOrEqual(1);
  expect(counted(escaped)).toBe(0);
});

test.each([
  [{}, 4096],
  [{ max_tokens: 10 }, 10],
  [{ max_completion_tokens: 10 }, 10],
  [{ max_tokens: 1, max_completion_tokens: 10 }, 10],
  [{ max_tokens: 10, max_completion_tokens: 1 }, 10],
  [{ max_tokens: null, max_completion_tokens: 10, n: 3 }, 30],
  [{ max_tokens: 1e300 }, Number.MAX_SAFE_INTEGER],
  [{ max_tokens: 1e15, n: 1e15 }, Number.MAX_SAFE_INTEGER],
])("an answer with %j has at most %d tokens", (fields, maxTokens) => {
  const request = { model: "a/b", messages: [], ...fields } as never;
  expect(estimateRequest(request).maxTokens).toBe(maxTokens);
});
