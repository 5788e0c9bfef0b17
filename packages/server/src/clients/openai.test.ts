import OpenAI, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
} from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { question } from "../test-support/client.ts";
import { argumentDeltas, callOfFind, endless } from "../test-support/replies.ts";
import {
  startServerAt,
  startTestServer,
  type TestServer,
} from "../test-support/start-test-server.ts";
import { chunk, startUpstream } from "../test-support/start-upstream.ts";

const key = "a-key-of-one-team-0123";
const clientOf = (baseURL: string) => new OpenAI({ baseURL, apiKey: key, maxRetries: 2 });

let t: TestServer;
let client: OpenAI;

beforeAll(async () => {
  t = await startTestServer({
    server: { keys: [key] },
    environment: {
      AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini"}',
      LLM_MAX_RETRIES: "0",
      LLM_CIRCUIT_FAILURES: "none",
    },
  });
  client = clientOf(t.url);
});
afterAll(() => t[Symbol.asyncDispose]());
beforeEach(() => t.sandbox.reset());

const messages = [...question.messages];
const tools = [
  {
    type: "function" as const,
    function: {
      name: "find",
      parameters: { type: "object", properties: { q: { type: "string" } } },
    },
  },
];

test("completions", async () => {
  const { data, response } = await client.chat.completions
    .create({ model: "agent:writer", messages })
    .withResponse();
  expect(data.choices[0]?.message.content).toContain("1871");
  expect(data.model).toContain("gpt-4o-mini");
  expect(response.headers.get("x-orchestra-run-id")).toBe(t.records.at(-1)?.runId);
});

test("streams", async () => {
  const stream = await client.chat.completions.create({
    model: "agent:writer",
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let tokens = 0;
  for await (const { choices, usage } of stream) {
    text += choices[0]?.delta.content ?? "";
    tokens = usage?.total_tokens ?? tokens;
  }
  expect(text).toContain("1871");
  expect(tokens).toBeGreaterThan(0);
});

test("structured output", async () => {
  const { choices } = await client.chat.completions.parse({
    model: "agent:writer",
    messages,
    response_format: zodResponseFormat(z.object({ answer: z.string() }), "answer"),
  });
  expect(choices[0]?.message.parsed?.answer).toBeTypeOf("string");
  const [entry] = t.sandbox.books.entries;
  expect(entry?.body).toMatchObject({ response_format: { json_schema: { name: "answer" } } });
});

test("tools: the deltas of arguments are those of the model, byte by byte", async () => {
  await using upstream = await startUpstream(callOfFind);
  await using other = await startServerAt(upstream.url);
  const stream = await clientOf(other.url).chat.completions.create({
    model: "openai/gpt-4o",
    messages,
    tools,
    stream: true,
  });
  const received: (string | undefined)[] = [];
  for await (const { choices } of stream) {
    for (const { function: called } of choices[0]?.delta.tool_calls ?? []) {
      if (called?.name === undefined) received.push(called?.arguments);
    }
  }
  expect(received).toEqual(argumentDeltas);
});

describe("errors", () => {
  test("are those classes that the client has for them", async () => {
    const ask = (model: string) => client.chat.completions.create({ model, messages });
    await expect(ask("agent:wrtier")).rejects.toThrow(NotFoundError);
    await expect(ask("agent:wrtier")).rejects.toMatchObject({
      code: "model_not_found",
      param: "model",
      message: expect.stringContaining("Did you mean writer?"),
    });
    const withoutMessages = client.chat.completions.create({ model: "agent:writer", messages: [] });
    await expect(withoutMessages).rejects.toThrow(BadRequestError);
    const wrong = new OpenAI({ baseURL: t.url, apiKey: "another-key-0123456789" });
    await expect(wrong.models.list()).rejects.toThrow(AuthenticationError);
  });

  test("of models are not repeated by the client", async () => {
    t.sandbox.order({ fault: "status", status: 503 });
    const request = client.chat.completions.create({ model: "agent:writer", messages });
    await expect(request).rejects.toThrow(InternalServerError);
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("in a stream are thrown while it is read", async () => {
    await using upstream = await startUpstream((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${chunk({ content: "The" })}\n\n`, () => response.destroy());
    });
    await using other = await startServerAt(upstream.url);
    const stream = await clientOf(other.url).chat.completions.create({
      model: "openai/gpt-4o",
      messages,
      stream: true,
    });
    const read = async () => {
      for await (const _ of stream);
    };
    await expect(read()).rejects.toMatchObject({ type: "service_error", code: "interrupted" });
  });
});

test("an abort ends the request upstream", async () => {
  const { reply, left } = endless();
  await using upstream = await startUpstream(reply);
  await using other = await startServerAt(upstream.url);
  const stream = await clientOf(other.url).chat.completions.create({
    model: "openai/gpt-4o",
    messages,
    stream: true,
  });
  for await (const _ of stream) stream.controller.abort();
  await left;
  await expect.poll(() => other.records[0]?.status).toBe("aborted");
});

test("models", async () => {
  const ids: string[] = [];
  for await (const { id } of client.models.list()) ids.push(id);
  expect(ids).toEqual(expect.arrayContaining(["agent:writer", "openai/gpt-4o"]));
  expect(await client.models.retrieve("agent:writer")).toMatchObject({ object: "model" });
});
