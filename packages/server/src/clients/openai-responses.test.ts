import OpenAI, { APIError, BadRequestError, InternalServerError } from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
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

const clientOf = (baseURL: string) => new OpenAI({ baseURL, apiKey: "any", maxRetries: 2 });

let t: TestServer;
let client: OpenAI;

beforeAll(async () => {
  t = await startTestServer({
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

const [{ content: input }] = question.messages;
const model = "agent:writer";
const find = {
  type: "function" as const,
  name: "find",
  parameters: { type: "object", properties: { q: { type: "string" } } },
  strict: false,
};

async function all(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const received: ResponseStreamEvent[] = [];
  for await (const event of stream) received.push(event);
  return received;
}

test("a response", async () => {
  const { data, response } = await client.responses.create({ model, input }).withResponse();
  expect(data.output_text).toContain("1871");
  expect(data).toMatchObject({ object: "response", status: "completed", store: false });
  expect(data.model).toContain("gpt-4o-mini");
  expect(data.usage?.total_tokens).toBeGreaterThan(0);
  expect(response.headers.get("x-orchestra-run-id")).toBe(t.records.at(-1)?.runId);
});

test.each(["live", "whole"])(
  "a stream, %s: its events are numbered, and make the response",
  async (mode) => {
    const headers = { "X-Orchestra-Stream": mode };
    const received = await all(
      await client.responses.create({ model, input, stream: true }, { headers }),
    );
    expect(received.map((event) => event.sequence_number)).toEqual([...received.keys()]);
    const types = received.map(({ type }) => type);
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const last = received.at(-1);
    const text = received.map((event) =>
      event.type === "response.output_text.delta" ? event.delta : "",
    );
    expect(last).toMatchObject({
      response: { output: [{ content: [{ type: "output_text", text: text.join("") }] }] },
    });
    const final = await client.responses.stream({ model, input }).finalResponse();
    expect(final.output_text).toBe(text.join(""));
  },
);

test("structured output", async () => {
  const format = zodTextFormat(z.object({ answer: z.string() }), "answer");
  const response = await client.responses.parse({ model, input, text: { format } });
  expect(response.output_parsed?.answer).toBeTypeOf("string");
  expect(t.sandbox.books.entries[0]?.body).toMatchObject({
    response_format: { type: "json_schema", json_schema: { name: "answer", strict: true } },
  });
});

test("tools: the deltas of arguments are those of the model, byte by byte", async () => {
  await using upstream = await startUpstream(callOfFind);
  await using other = await startServerAt(upstream.url);
  const received = await all(
    await clientOf(other.url).responses.create({
      model: "openai/gpt-4o",
      input,
      tools: [find],
      stream: true,
    }),
  );
  const pieces = received.flatMap((event) =>
    event.type === "response.function_call_arguments.delta" ? [event.delta] : [],
  );
  expect(pieces).toEqual(argumentDeltas);
  const called = { type: "function_call", call_id: "call_1", name: "find", status: "completed" };
  expect(received.at(-1)).toMatchObject({
    type: "response.completed",
    response: { output: [{ ...called, arguments: argumentDeltas.join("") }] },
  });
});

test("a call and its result go back to the model", async () => {
  const first = await client.responses.create({
    model,
    input: "Find the year of the lighthouse.",
    tools: [find],
    tool_choice: { type: "function", name: "find" },
    store: false,
  });
  const [call] = first.output;
  expect(call).toMatchObject({ type: "function_call", name: "find" });
  if (call?.type !== "function_call") return;
  await client.responses.create({
    model,
    instructions: "Be short.",
    input: [
      { role: "user", content: "Find the year of the lighthouse." },
      call,
      { type: "function_call_output", call_id: call.call_id, output: "1871" },
    ],
    tools: [find],
  });
  const body = t.sandbox.books.entries.at(-1)?.body;
  expect(body).toHaveProperty("messages", [
    { role: "system", content: "Be short." },
    { role: "user", content: "Find the year of the lighthouse." },
    {
      role: "assistant",
      content: null,
      tool_calls: [
        {
          id: call.call_id,
          type: "function",
          function: { name: "find", arguments: call.arguments },
        },
      ],
    },
    { role: "tool", tool_call_id: call.call_id, content: "1871" },
  ]);
});

describe("errors", () => {
  test("are those classes that the client has for them", async () => {
    const stored = client.responses.create({ model, input, previous_response_id: "resp_1" });
    await expect(stored).rejects.toThrow(BadRequestError);
    await expect(stored).rejects.toMatchObject({ param: "previous_response_id" });
    t.sandbox.order({ fault: "status", status: 503 });
    await expect(client.responses.create({ model, input })).rejects.toThrow(InternalServerError);
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("in a stream are thrown while it is read", async () => {
    await using upstream = await startUpstream((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${chunk({ content: "The" })}\n\n`, () => response.destroy());
    });
    await using other = await startServerAt(upstream.url);
    const request = { model: "openai/gpt-4o", input };
    const read = async () =>
      all(await clientOf(other.url).responses.create({ ...request, stream: true }));
    await expect(read()).rejects.toThrow(APIError);
    const final = clientOf(other.url).responses.stream(request).finalResponse();
    await expect(final).rejects.toMatchObject({ code: "server_error" });
  });
});

test("an abort ends the request upstream", async () => {
  const { reply, left } = endless();
  await using upstream = await startUpstream(reply);
  await using other = await startServerAt(upstream.url);
  const request = { model: "openai/gpt-4o", input, stream: true } as const;
  const stream = await clientOf(other.url).responses.create(request);
  for await (const _ of stream) stream.controller.abort();
  await left;
  await expect.poll(() => other.records[0]?.status).toBe("aborted");
});
