import type { AIMessageChunk } from "@langchain/core/messages";
import { concat } from "@langchain/core/utils/stream";
import { describe, expect, test } from "vitest";
import { chunk, completion, done, usageChunk } from "../completions/__fixtures__/completions.ts";
import { sendEvents, sendJson, serve } from "../completions/__fixtures__/loopback.ts";
import { Orchestra } from "../orchestra.ts";
import { silentLogger, type CallRecord } from "../usage/index.ts";

/** Pieces of a message of tool calls; one by one in a stream, and the first one alone in an answer. */
type Answers = readonly (readonly object[])[];

/** A server that gives each request the next answer, as a document, or as a stream where one is asked for. */
async function start(answers: Answers, environment: Record<string, string> = {}) {
  let next = 0;
  const server = await serve((response) => {
    const pieces = answers[Math.min(next, answers.length - 1)] ?? [];
    next += 1;
    if (server.received.at(-1)?.body["stream"] !== true) {
      const [message = {}] = pieces;
      return sendJson(response, completion({ message, finish_reason: "tool_calls" }));
    }
    const chunks = pieces.map((piece) => chunk(piece));
    sendEvents(response, [...chunks, chunk({}, "tool_calls"), usageChunk, done]).end();
  });
  const records: CallRecord[] = [];
  const orchestra = new Orchestra({
    logger: silentLogger,
    onCall: (record) => records.push(record),
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: server.url,
      LLM_RETRY_DELAY: "0.002",
      ...environment,
    },
  });
  const messages = [{ role: "user" as const, content: "Hi" }];
  const streamed = async () => {
    let joined: AIMessageChunk | undefined;
    for await (const piece of await orchestra.model.stream("Hi"))
      joined = joined ? concat(joined, piece) : piece;
    return joined?.tool_calls;
  };
  const senders = {
    chat: async () => (await orchestra.model.invoke("Hi")).tool_calls,
    stream: streamed,
    completions: async () => {
      const { choices } = await orchestra.completions.create({ messages });
      return choices[0]?.message.tool_calls?.map((call) => {
        const { name = "", arguments: text = "" } = "function" in call ? call.function : {};
        return { id: call.id, type: "tool_call", name, args: JSON.parse(text) as unknown };
      });
    },
  };
  return { server, orchestra, records, senders, messages };
}

const call = (fields: object) => ({ tool_calls: [fields] });
const argumentsOf = { city: "Oslo" };
const text = JSON.stringify(argumentsOf);
const senders = ["chat", "stream", "completions"] as const;

describe.each<[string, readonly object[]]>([
  ["name and arguments beside the id", [call({ id: "c", name: "f", arguments: text })]],
  ["arguments as an object beside the id", [call({ id: "c", name: "f", arguments: argumentsOf })]],
  ["arguments as an object", [call({ id: "c", function: { name: "f", arguments: argumentsOf } })]],
  ["args", [call({ id: "c", name: "f", args: argumentsOf })]],
  ["parameters", [call({ id: "c", function: { name: "f", parameters: argumentsOf } })]],
  ["the name in place of the function", [call({ id: "c", function: "f", arguments: text })]],
  ["a custom tool", [call({ id: "c", type: "custom", custom: { name: "f", input: text } })]],
  ["another type", [call({ id: "c", type: "tool_use", function: { name: "f", arguments: text } })]],
  ["one call without a list", [{ tool_calls: { id: "c", name: "f", arguments: text } }]],
  ["calls by their numbers", [{ tool_calls: { 0: { id: "c", name: "f", arguments: text } } }]],
  ["calls as a text", [{ tool_calls: JSON.stringify([{ id: "c", name: "f", arguments: text }]) }]],
  [
    "a part of the content",
    [{ content: [{ type: "tool_use", id: "c", name: "f", input: argumentsOf }] }],
  ],
])("a tool call with %s", (_, pieces) => {
  test.each(senders)("is read by %s", async (sender) => {
    const { server, senders: send } = await start([pieces]);
    await using _server = server;
    const expected = { id: "c", type: "tool_call", name: "f", args: argumentsOf };
    expect(await send[sender]()).toEqual([expect.objectContaining(expected)]);
  });
});

test.each([null, undefined, ""])("a call of which the arguments are %j has none", async (none) => {
  const { server, senders: send } = await start([[call({ id: "c", name: "f", arguments: none })]]);
  await using _server = server;
  for (const sender of senders) {
    expect(await send[sender]()).toEqual([expect.objectContaining({ name: "f", args: {} })]);
  }
});

test("a call beside the id is put together from the pieces of a stream", async () => {
  const { server, senders: send } = await start([
    [
      call({ index: 0, id: "c", name: "f", arguments: "" }),
      call({ index: 0, arguments: '{"city":' }),
      call({ index: 0, arguments: '"Oslo"}' }),
    ],
  ]);
  await using _server = server;
  const expected = { id: "c", name: "f", args: argumentsOf };
  expect(await send.stream()).toEqual([expect.objectContaining(expected)]);
});

test("a name that arrives after the arguments is read", async () => {
  const { server, senders: send } = await start([
    [
      call({ index: 0, id: "c", function: { arguments: text } }),
      call({ index: 0, function: { name: "f", arguments: "" } }),
    ],
  ]);
  await using _server = server;
  const expected = { id: "c", name: "f", args: argumentsOf };
  expect(await send.stream()).toEqual([expect.objectContaining(expected)]);
});

const nameless = [
  ["an empty name", { function: { name: "", arguments: text } }],
  ["a blank name", { function: { name: " ", arguments: text } }],
  ["no name", { function: { arguments: text } }],
  ["a number for a name", { function: { name: 7, arguments: text } }],
  ["an empty name beside the id", { name: "", arguments: text }],
  ["nothing", {}],
  ["a custom tool without a name", { type: "custom", custom: { input: text } }],
] as const;
const good = [call({ id: "c", function: { name: "f", arguments: text } })];

describe.each(nameless)("a tool call with %s", (_, fields) => {
  const bad = [call({ id: "c", index: 0, ...fields })];

  test.each(senders)("is an error of %s", async (sender) => {
    const { server, senders: send, records } = await start([bad], { LLM_MAX_RETRIES: "0" });
    await using _server = server;
    const failure = expect.objectContaining({
      code: "invalid_response_error",
      message: expect.stringContaining("does not name its tool"),
    });
    await expect(send[sender]()).rejects.toEqual(failure);
    expect(records[0]?.status).toBe("failed");
  });

  test.each(senders)("is asked for again by %s", async (sender) => {
    const { server, senders: send } = await start([bad, good], { LLM_MAX_RETRIES: "1" });
    await using _server = server;
    expect(await send[sender]()).toEqual([expect.objectContaining({ name: "f" })]);
    expect(server.received).toHaveLength(2);
  });
});

test("a nameless call after text breaks the stream", async () => {
  const bad = call({ id: "c", index: 0, function: { name: "", arguments: text } });
  const { server, senders: send, records } = await start([[{ content: "Let me see. " }, bad]]);
  await using _server = server;
  await expect(send.stream()).rejects.toMatchObject({
    name: "StreamInterruptedError",
    message: expect.stringContaining("does not name its tool"),
  });
  expect(records[0]?.status).toBe("failed");
});

test("a function_call without a name is not an answer, and an empty one in a message with text is ignored", async () => {
  const tools = [{ type: "function" as const, function: { name: "f", parameters: {} } }];
  const called = { content: null, function_call: { name: "", arguments: text } };
  const empty = { content: "Hello", function_call: { name: "", arguments: "" } };
  const { server, orchestra, messages } = await start([[called], [called], [empty]], {
    LLM_MAX_RETRIES: "0",
  });
  await using _server = server;
  const create = () => orchestra.completions.create({ messages, tools });
  await expect(create()).rejects.toThrow("does not name its tool");
  await expect(create()).rejects.toThrow("does not name its tool");
  expect((await create()).choices[0]?.message.content).toBe("Hello");
});

test("the call of a custom tool that was offered stays one, whole and streamed", async () => {
  const custom = (fields: object) => call({ index: 0, type: "custom", custom: fields });
  const whole = [
    { tool_calls: [{ id: "c", type: "custom", custom: { name: "sh", input: "ls -l" } }] },
  ];
  const pieces = [
    { tool_calls: [{ index: 0, id: "c", type: "custom", custom: { name: "sh", input: "" } }] },
    custom({ input: "ls" }),
    custom({ input: " -l" }),
  ];
  const { server, orchestra, messages } = await start([whole, pieces, pieces]);
  await using _server = server;
  const tools = [{ type: "custom" as const, custom: { name: "sh" } }];
  const expected = [{ id: "c", type: "custom", custom: { name: "sh", input: "ls -l" } }];
  const first = await orchestra.completions.create({ messages, tools });
  expect(first.choices[0]?.message.tool_calls).toMatchObject(expected);
  const joined = await orchestra.completions.create({ messages, tools }, { streamUpstream: true });
  expect(joined.choices[0]?.message.tool_calls).toEqual(expected);
  let input = "";
  for await (const piece of await orchestra.completions.create({ messages, tools, stream: true })) {
    for (const each of piece.choices[0]?.delta.tool_calls ?? []) {
      expect(each).not.toHaveProperty("function");
      input += (each as { custom?: { input?: string } }).custom?.input ?? "";
    }
  }
  expect(input).toBe("ls -l");
});
