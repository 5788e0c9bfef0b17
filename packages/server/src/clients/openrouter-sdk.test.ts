import { OpenRouter } from "@openrouter/sdk";
import type { ChatStreamChunk, StreamEvents } from "@openrouter/sdk/models";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { question } from "../test-support/client.ts";
import { argumentDeltas, callOfFind, endless } from "../test-support/replies.ts";
import {
  startServerAt,
  startTestServer,
  type TestServer,
} from "../test-support/start-test-server.ts";
import { chunk, document, events, startUpstream } from "../test-support/start-upstream.ts";

const clientOf = (serverURL: string) =>
  new OpenRouter({ serverURL, apiKey: "any", retryConfig: { strategy: "none" } });

let t: TestServer;
let client: OpenRouter;

beforeAll(async () => {
  t = await startTestServer({
    environment: { AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini"}' },
  });
  client = clientOf(t.url);
});
afterAll(() => t[Symbol.asyncDispose]());
beforeEach(() => t.sandbox.reset());

const model = "agent:writer";
const messages = question.messages.map(({ content }) => ({ role: "user" as const, content }));
const tools = [
  { type: "function" as const, function: { name: "find", parameters: { type: "object" } } },
];

const completion = (finish_reason: string) =>
  JSON.stringify({
    choices: [{ finish_reason, message: { role: "assistant", content: "Hello" } }],
  });

async function* stream(of: OpenRouter, fields: object = {}, signal?: AbortSignal) {
  const chatRequest = { model, messages, ...fields, stream: true as const };
  const answer = await of.chat.send({ chatRequest }, signal ? { signal } : {});
  yield* answer as AsyncIterable<ChatStreamChunk>;
}

test("a completion", async () => {
  const answer = await client.chat.send({ chatRequest: { model, messages } });
  expect(answer).toMatchObject({
    choices: [{ message: { content: expect.stringContaining("1871") } }],
  });
});

test("a stream", async () => {
  let text = "";
  for await (const { choices } of stream(client)) text += choices[0]?.delta.content ?? "";
  expect(text).toContain("1871");
});

test.each(["stop", "length"])(
  "each event of a response, and the response, with the finish %s",
  async (finish) => {
    await using upstream = await startUpstream((response, request) =>
      upstream.bodies.at(-1)?.["stream"]
        ? events(chunk({ content: "Hello" }), chunk({}, finish))(response, request)
        : document(completion(finish))(response, request),
    );
    await using other = await startServerAt(upstream.url);
    const { responses } = clientOf(other.url).beta;
    const responsesRequest = { model: "openai/gpt-4o", input: "Hello" };
    const whole = await responses.send({ responsesRequest });
    expect(whole).toMatchObject({ output: [{ content: [{ text: "Hello" }] }] });
    const stream = await responses.send({
      responsesRequest: { ...responsesRequest, stream: true },
    });
    const received: { readonly type: string }[] = [];
    for await (const event of stream as AsyncIterable<StreamEvents>) received.push(event);
    // Events with an unexpected field have the type UNKNOWN.
    expect(received.map(({ type }) => type)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      finish === "stop" ? "response.completed" : "response.incomplete",
    ]);
  },
);

test("structured output", async () => {
  const schema = {
    type: "object",
    properties: { answer: { type: "string" } },
    required: ["answer"],
    additionalProperties: false,
  };
  const responseFormat = {
    type: "json_schema" as const,
    jsonSchema: { name: "answer", strict: true, schema },
  };
  const chatRequest = { model, messages, responseFormat };
  const answer = await client.chat.send({ chatRequest });
  if (!("choices" in answer)) throw new Error("is a stream");
  const content = answer.choices[0]?.message.content;
  expect(JSON.parse(typeof content === "string" ? content : "")).toHaveProperty("answer");
});

test("tools: the deltas of arguments are those of the model, byte by byte", async () => {
  await using upstream = await startUpstream(callOfFind);
  await using other = await startServerAt(upstream.url);
  const received: (string | undefined)[] = [];
  const asked = { model: "openai/gpt-4o", tools };
  for await (const { choices } of stream(clientOf(other.url), asked)) {
    for (const { function: called } of choices[0]?.delta.toolCalls ?? []) {
      if (called?.name === undefined) received.push(called?.arguments);
    }
  }
  expect(received).toEqual(argumentDeltas);
});

test("an error has its status and its message", async () => {
  const asked = client.chat.send({ chatRequest: { model: "agent:wrtier", messages } });
  // Its own classes of errors take only a number as the code, where OpenAI's API has a name.
  await expect(asked).rejects.toMatchObject({
    statusCode: 404,
    body: expect.stringContaining("Did you mean writer?"),
  });
});

test("an abort ends the request upstream", async () => {
  const { reply, left } = endless();
  await using upstream = await startUpstream(reply);
  await using other = await startServerAt(upstream.url);
  const controller = new AbortController();
  const read = async () => {
    const chunks = stream(clientOf(other.url), { model: "openai/gpt-4o" }, controller.signal);
    for await (const _ of chunks) controller.abort();
  };
  await expect(read()).rejects.toThrow(/abort/i);
  await left;
  await expect.poll(() => other.records[0]?.status).toBe("aborted");
});
