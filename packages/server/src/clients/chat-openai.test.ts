import type { UsageMetadata } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { question } from "../test-support/client.ts";
import { startTestServer, type TestServer } from "../test-support/start-test-server.ts";

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer({
    environment: { AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini"}' },
  });
});
afterAll(() => t[Symbol.asyncDispose]());
beforeEach(() => t.sandbox.reset());

const modelOf = (fields: object = {}) =>
  new ChatOpenAI({
    model: "agent:writer",
    apiKey: "any",
    useResponsesApi: false,
    configuration: { baseURL: t.url },
    ...fields,
  });
const { content: text } = question.messages[0];

test("invoke", async () => {
  const answer = await modelOf().invoke(text);
  expect(answer.text).toContain("1871");
  const usage = answer.usage_metadata as UsageMetadata | undefined;
  expect(usage?.total_tokens).toBeGreaterThan(0);
});

test("stream", async () => {
  let streamed = "";
  for await (const chunk of await modelOf({ streamUsage: true }).stream(text)) {
    streamed += chunk.text;
  }
  expect(streamed).toContain("1871");
});

test("a role by the field agent_type", async () => {
  await modelOf({ model: "any", modelKwargs: { agent_type: "writer" } }).invoke(text);
  expect(t.sandbox.books.entries[0]?.body).toMatchObject({ model: "openai/gpt-4o-mini" });
});

test("structured output", async () => {
  const schema = z.object({ answer: z.string() });
  const answer = await modelOf().withStructuredOutput(schema).invoke(text);
  expect(answer.answer).toBeTypeOf("string");
});

test("tools", async () => {
  const find = tool(() => "1871", {
    name: "find",
    description: "Finds a year in the archive.",
    schema: z.object({ query: z.string() }),
  });
  const request = modelOf().bindTools([find], { tool_choice: "find" });
  const { tool_calls: calls } = await request.invoke("Find the year of the lighthouse.");
  expect(calls).toMatchObject([{ name: "find" }]);
});
