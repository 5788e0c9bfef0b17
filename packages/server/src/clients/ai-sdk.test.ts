import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, Output, streamText, tool } from "ai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { question } from "../test-support/client.ts";
import { argumentDeltas, callOfFind, endless } from "../test-support/replies.ts";
import {
  startServerAt,
  startTestServer,
  type TestServer,
} from "../test-support/start-test-server.ts";
import { startUpstream } from "../test-support/start-upstream.ts";

const modelOf = (baseURL: string, id = "openai/gpt-4o") =>
  createOpenAICompatible({
    name: "orchestra",
    baseURL,
    apiKey: "any",
    supportsStructuredOutputs: true,
  })(id);

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer({
    environment: { AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini"}' },
  });
});
afterAll(() => t[Symbol.asyncDispose]());
beforeEach(() => t.sandbox.reset());

const [{ content: prompt }] = question.messages;
const writer = () => modelOf(t.url, "agent:writer");
const find = tool({ inputSchema: z.object({ q: z.string() }), execute: () => "1871" });

test("generateText", async () => {
  const { text, usage } = await generateText({ model: writer(), prompt });
  expect(text).toContain("1871");
  expect(usage.totalTokens).toBeGreaterThan(0);
});

test("streamText", async () => {
  let text = "";
  for await (const delta of streamText({ model: writer(), prompt }).textStream) text += delta;
  expect(text).toContain("1871");
});

test("structured output", async () => {
  const output = Output.object({ schema: z.object({ answer: z.string() }) });
  const answer = await generateText({ model: writer(), prompt, output });
  expect(answer.output.answer).toBeTypeOf("string");
});

test("tools: the deltas of arguments are those of the model, byte by byte", async () => {
  await using upstream = await startUpstream(callOfFind);
  await using other = await startServerAt(upstream.url);
  const received: string[] = [];
  for await (const part of streamText({ model: modelOf(other.url), prompt, tools: { find } })
    .fullStream) {
    if (part.type === "tool-input-delta") received.push(part.delta);
  }
  expect(received.join("")).toBe(argumentDeltas.join(""));
});

test("an error is one of an API, with its status, and is not repeated", async () => {
  const asked = generateText({ model: modelOf(t.url, "agent:wrtier"), prompt });
  await expect(asked).rejects.toThrow(APICallError);
  await expect(asked).rejects.toMatchObject({
    statusCode: 404,
    message: expect.stringContaining("Did you mean writer?"),
  });
});

test("an abort ends the request upstream", async () => {
  const { reply, left } = endless();
  await using upstream = await startUpstream(reply);
  await using other = await startServerAt(upstream.url);
  const controller = new AbortController();
  const { textStream } = streamText({
    model: modelOf(other.url),
    prompt,
    abortSignal: controller.signal,
  });
  for await (const _ of textStream) controller.abort();
  await left;
  await expect.poll(() => other.records[0]?.status).toBe("aborted");
});
