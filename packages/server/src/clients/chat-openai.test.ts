import type { UsageMetadata } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { question } from "../test-support/client.ts";
import { argumentDeltas, callOfFind, endless } from "../test-support/replies.ts";
import {
  startServerAt,
  startTestServer,
  type TestServer,
} from "../test-support/start-test-server.ts";
import { startUpstream } from "../test-support/start-upstream.ts";

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer({
    environment: { AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini"}' },
  });
});
afterAll(() => t[Symbol.asyncDispose]());
beforeEach(() => t.sandbox.reset());

const { content: text } = question.messages[0];

describe.each([
  ["chat completions", false],
  ["responses", true],
])("over %s", (_, useResponsesApi) => {
  const modelOf = (fields: object = {}, baseURL = t.url) =>
    new ChatOpenAI({
      model: "agent:writer",
      apiKey: "any",
      maxRetries: 0,
      useResponsesApi,
      configuration: { baseURL },
      ...fields,
    });

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

  test("tools: the deltas of arguments are those of the model, byte by byte", async () => {
    await using upstream = await startUpstream(callOfFind);
    await using other = await startServerAt(upstream.url);
    const model = modelOf({ model: "openai/gpt-4o" }, other.url);
    const received: string[] = [];
    const tools = [{ type: "function" as const, function: { name: "find", parameters: {} } }];
    for await (const { tool_call_chunks: calls } of await model.bindTools(tools).stream(text)) {
      for (const { args } of calls ?? []) if (args) received.push(args);
    }
    expect(received).toEqual(argumentDeltas);
  });

  test("an error has its status", async () => {
    const asked = modelOf({ model: "agent:wrtier" }).invoke(text);
    await expect(asked).rejects.toMatchObject({ status: 404 });
  });

  test("an abort ends the request upstream", async () => {
    const { reply, left } = endless();
    await using upstream = await startUpstream(reply);
    await using other = await startServerAt(upstream.url);
    const controller = new AbortController();
    const { signal } = controller;
    const read = async () => {
      const model = modelOf({ model: "openai/gpt-4o" }, other.url);
      for await (const _ of await model.stream(text, { signal })) controller.abort();
    };
    await expect(read()).rejects.toThrow(/abort/i);
    await left;
    await expect.poll(() => other.records[0]?.status).toBe("aborted");
  });
});
