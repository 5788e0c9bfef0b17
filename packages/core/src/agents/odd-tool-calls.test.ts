import type { AIMessageChunk } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { chunk, completion, done } from "../completions/__fixtures__/completions.ts";
import {
  json,
  startCompletions,
  stream,
  type Reply,
} from "../models/__fixtures__/completions-server.ts";
import { defineRole } from "./define-role.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";

interface Message {
  readonly role: string;
  readonly content: string | null;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly { id: string; function: { name: string; arguments: string } }[];
}

const answer = json(
  completion({ message: { role: "assistant", content: '{"text":"Done"}' }, finish_reason: "stop" }),
);

const calling = (message: object, finish = "tool_calls") =>
  completion({ message: { role: "assistant", content: null, ...message }, finish_reason: finish });

const call = (args: unknown, fields: object = {}) => ({
  tool_calls: [
    { id: "call_1", type: "function", function: { name: "search", arguments: args }, ...fields },
  ],
});

/** Runs an agent with a tool on a server that answers by the replies; what the tool got, what was sent. */
async function run(replies: readonly Reply[], schema: object = z.object({ query: z.string() })) {
  await using t = await startCompletions(replies);
  const got: unknown[] = [];
  const keys: unknown[] = [];
  const search = tool(
    (input: unknown, config) => {
      got.push(input);
      keys.push(idempotencyKeyOf(config));
      return "Found";
    },
    { name: "search", description: "Searches", schema: schema as z.ZodObject },
  );
  const role = defineRole({
    name: "finder",
    system: "Find.",
    input: z.object({ topic: z.string() }),
    output: z.object({ text: z.string() }),
    tools: [search],
  });
  const output = await t.orchestra.agent(role).invoke({ topic: "lamps" });
  const messages = t.bodies().map((body) => body["messages"] as readonly Message[]);
  return { output, got, keys, messages, last: messages.at(-1) ?? [] };
}

describe("an answer with a tool call runs the tool:", () => {
  const cases: readonly [string, object, unknown][] = [
    ["arguments as an object", call({ query: "x" }), { query: "x" }],
    ["arguments encoded twice", call(JSON.stringify('{"query":"x"}')), { query: "x" }],
    ["an empty object before the arguments", call('{}{"query":"x"}'), { query: "x" }],
    ["the arguments twice", call('{"query":"x"}{"query":"x"}'), { query: "x" }],
    ["no id", call('{"query":"x"}', { id: undefined }), { query: "x" }],
    ["an empty id", call('{"query":"x"}', { id: "" }), { query: "x" }],
    ["no type", call('{"query":"x"}', { type: undefined }), { query: "x" }],
    [
      "the older form",
      { function_call: { name: "search", arguments: '{"query":"x"}' } },
      { query: "x" },
    ],
  ];

  test.each(cases)("%s", async (_, message, input) => {
    const { output, got, last } = await run([json(calling(message)), answer]);
    expect(output).toEqual({ text: "Done" });
    expect(got).toEqual([input]);
    const asked = last.find(({ tool_calls: calls }) => calls)?.tool_calls?.[0];
    const reply = last.find(({ role }) => role === "tool");
    expect(asked?.id).toMatch(/^call_/);
    expect(reply).toMatchObject({ tool_call_id: asked?.id, content: "Found" });
  });

  test("with the finish reason stop", async () => {
    const { got } = await run([json(calling(call('{"query":"x"}'), "stop")), answer]);
    expect(got).toEqual([{ query: "x" }]);
  });

  test.each(["", null, undefined, "null", {}, "  "])("without parameters: %j", async (args) => {
    const { got, last } = await run([json(calling(call(args))), answer], z.object({}));
    expect(got).toEqual([{}]);
    expect(last[2]?.tool_calls?.[0]?.function.arguments).toBe("{}");
  });

  test("parses a list that arrives as text if the schema has a list", async () => {
    const schema = z.object({ claims: z.array(z.object({ id: z.number() })), note: z.string() });
    const args = JSON.stringify({ claims: '[{"id":1}]', note: "[1]" });
    const { got } = await run([json(calling(call(args))), answer], schema);
    expect(got).toEqual([{ claims: [{ id: 1 }], note: "[1]" }]);
  });
});

describe("a tool call that cannot be made goes back to the model:", () => {
  test("arguments that are not JSON", async () => {
    const warn = vi.spyOn(console, "warn");
    onTestFinished(() => warn.mockRestore());
    const { output, got, last } = await run([
      json(calling(call('{"query": lamp'))),
      json(calling(call('{"query":"lamp"}'))),
      answer,
    ]);
    expect(output).toEqual({ text: "Done" });
    expect(got).toEqual([{ query: "lamp" }]);
    expect(warn).not.toHaveBeenCalled();
    const [first, second] = last.filter(({ tool_calls: calls }) => calls);
    const [error] = last.filter(({ role }) => role === "tool");
    // Providers refuse arguments in the history that are not a JSON object.
    expect(JSON.parse(first?.tool_calls?.[0]?.function.arguments ?? "")).toEqual({
      not_json: '{"query": lamp',
    });
    expect(error?.tool_call_id).toBe(first?.tool_calls?.[0]?.id);
    expect(error?.content).toMatch(/^Error: the arguments are not JSON: .*\. Call search again/);
    // The server gave both calls the same id.
    expect(second?.tool_calls?.[0]?.id).not.toBe(first?.tool_calls?.[0]?.id);
  });

  const jsonSchema = {
    type: "object",
    properties: { query: { type: "string" } },
    required: ["query"],
  };
  test.each([
    ["of a zod schema", z.object({ query: z.string() })],
    ["of a JSON schema", jsonSchema],
  ])("arguments of the wrong type, %s, in one line", async (_, schema) => {
    const { got, last } = await run([json(calling(call('{"query":7}'))), answer], schema);
    expect(got).toEqual([]);
    const { content } = last.at(-1) ?? {};
    expect(content).toMatch(/^Error: the arguments do not fit: .*query/);
    expect(content).not.toMatch(/\n|\.js|\.ts|node_modules/);
  });

  test("a name that no tool has, with the names that there are", async () => {
    const wrong = {
      tool_calls: [{ id: "1", type: "function", function: { name: "seek", arguments: "{}" } }],
    };
    const { last } = await run([json(calling(wrong)), answer]);
    expect(last.at(-1)?.content).toContain("search");
    expect(last.at(-1)?.content).toContain("seek");
  });

  test("in a user's createAgent(), without the stack trace", async () => {
    await using t = await startCompletions([
      json(calling(call("{oops"))),
      json(calling(call('{"query":7}'))),
      json(completion()),
    ]);
    const search = tool(() => "Found", {
      name: "search",
      description: "Searches",
      schema: z.object({ query: z.string() }),
    });
    const agent = createAgent({ model: t.orchestra.modelFor("writer"), tools: [search] });
    const { messages } = await agent.invoke({ messages: [{ role: "user", content: "Hi" }] });
    expect(messages.at(-1)?.text).toBe("Hello there");
    const sent = t.bodies().at(-1)?.["messages"] as readonly Message[];
    expect(sent.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
      "tool",
    ]);
    expect(JSON.stringify(sent)).not.toMatch(/\n\s+at |node_modules/);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
  });
});

test("parallel calls with the same id get separate ids and idempotency keys", async () => {
  const same = [1, 2].map(() => ({
    id: "call_1",
    type: "function",
    function: { name: "search", arguments: '{"query":"x"}' },
  }));
  const { keys, last } = await run([json(calling({ tool_calls: same })), answer]);
  expect(new Set(keys).size).toBe(2);
  expect(new Set(last.flatMap(({ tool_call_id: id }) => id ?? [])).size).toBe(2);
});

test("a streamed call without index and with its name in each delta is one call", async () => {
  const part = (args: string) =>
    chunk({ tool_calls: [{ id: "a", function: { name: "search", arguments: args } }] });
  const { got } = await run([
    stream([part('{"que'), part('ry":"x"}'), chunk({}, "tool_calls"), done]),
    answer,
  ]);
  expect(got).toEqual([{ query: "x" }]);
});

describe("a live stream of a tool call, in createAgent with streamMode messages", () => {
  const schema = z.object({ query: z.string(), tags: z.array(z.string()).optional() });

  async function runLive(replies: readonly (readonly string[])[]) {
    const streams = replies.map((pieces) =>
      stream([
        ...pieces.map((text, at) =>
          chunk({
            tool_calls: [
              at === 0
                ? { index: 0, id: "a", function: { name: "search", arguments: text } }
                : { index: 0, function: { arguments: text } },
            ],
          }),
        ),
        chunk({}, "tool_calls"),
        done,
      ]),
    );
    await using t = await startCompletions([...streams, json(completion())]);
    const got: unknown[] = [];
    const search = tool(
      (input: unknown) => {
        got.push(input);
        return "Found";
      },
      { name: "search", description: "Searches", schema },
    );
    const agent = createAgent({ model: t.orchestra.modelFor("writer"), tools: [search] });
    const input = { messages: [{ role: "user", content: "Hi" }] };
    for await (const _ of await agent.stream(input, { streamMode: "messages" })) void _;
    const sent = t.bodies().at(-1)?.["messages"] as readonly Message[];
    return { got, sent, requests: t.bodies().length };
  }

  test.each([
    [['"{\\"query\\":', '\\"x\\"}"']],
    [['{"query":"x","tags":"[', '\\"a\\"]"}']],
    [["{}", '{"query":"x"}']],
    [['{"query":"x"}', '{"query":', '"x"}']],
  ])("unwraps arguments that are encoded twice: %j", async (pieces) => {
    const { got } = await runLive([pieces]);
    expect(got).toEqual([{ query: "x", ...(pieces.join("").includes("tags") && { tags: ["a"] }) }]);
  });

  test.each([[['{"query":"la']], [['{"query":"lamp","tags":["a"']], [['{"query": lamp}']]])(
    "never runs a tool with arguments that are cut off or broken, and reports them to the model: %j",
    async (pieces) => {
      const { got, sent, requests } = await runLive([pieces, ['{"query":"lamp"}']]);
      expect(got).toEqual([{ query: "lamp" }]);
      expect(requests).toBe(3);
      const [failed] = sent.filter(({ role }) => role === "tool");
      expect(failed?.content).toMatch(/^Error/);
      const [asked] = sent.filter(({ tool_calls: calls }) => calls);
      const args = JSON.parse(asked?.tool_calls?.[0]?.function.arguments ?? "");
      expect(args).toEqual({ not_json: pieces.join("") });
    },
  );

  test("a reader that concatenates the chunks gets an invalid call, not a part of a call", async () => {
    await using t = await startCompletions([
      stream([
        chunk({
          tool_calls: [
            { index: 0, id: "a", function: { name: "search", arguments: '{"query":"la' } },
          ],
        }),
        chunk({}, "tool_calls"),
        done,
      ]),
    ]);
    let joined: AIMessageChunk | undefined;
    for await (const part of await t.orchestra.modelFor("writer").stream("Hi")) {
      joined = joined?.concat(part) ?? part;
    }
    expect(joined?.tool_calls).toEqual([]);
    expect(joined?.invalid_tool_calls).toHaveLength(1);
  });
});

describe("what a provider wants back", () => {
  const details = [
    {
      type: "reasoning.encrypted",
      data: "c2ln",
      id: "call_1",
      index: 0,
      format: "google-gemini-v1",
    },
  ];
  const signed = {
    ...call('{"query":"x"}', { extra_content: { google: { thought_signature: "sig" } } }),
    reasoning: "Hm.",
    reasoning_details: details,
  };
  const streamed = stream([
    chunk({ reasoning: "Hm.", reasoning_details: details }),
    chunk(signed.tool_calls ? { tool_calls: [{ index: 0, ...signed.tool_calls[0] }] } : {}),
    chunk({}, "tool_calls"),
    done,
  ]);

  test.each([
    ["whole", json(calling(signed))],
    ["streamed", streamed],
  ])("is sent back to the same model, %s", async (_, reply) => {
    const { last } = await run([reply, answer]);
    expect(last[2]).toMatchObject({
      reasoning: "Hm.",
      reasoning_details: details,
      tool_calls: [{ extra_content: { google: { thought_signature: "sig" } } }],
    });
    expect(last[2]).not.toHaveProperty("asked_model");
  });

  test("is kept on the messages of a stream, in createAgent too", async () => {
    await using t = await startCompletions([streamed, json(completion())]);
    const search = tool(() => "Found", {
      name: "search",
      description: "Searches",
      schema: z.object({ query: z.string() }),
    });
    const agent = createAgent({ model: t.orchestra.modelFor("writer"), tools: [search] });
    const input = { messages: [{ role: "user", content: "Hi" }] };
    for await (const _ of await agent.stream(input, { streamMode: "messages" })) void _;
    const sent = t.bodies().at(-1)?.["messages"] as readonly Message[];
    expect(sent[1]).toMatchObject({ reasoning_details: details });
  });
});

test("a tool that interrupts without a checkpointer ends the agent, and the model is not called again", async () => {
  await using t = await startCompletions([json(calling(call('{"query":"x"}'))), answer]);
  const asking = tool(() => interrupt("May I?"), {
    name: "search",
    description: "Asks",
    schema: z.object({ query: z.string() }),
  });
  const role = defineRole({
    name: "asker",
    system: "Ask.",
    input: z.object({ topic: z.string() }),
    output: z.object({ text: z.string() }),
    tools: [asking],
  });
  await expect(t.orchestra.agent(role).invoke({ topic: "lamps" })).rejects.toThrow(
    "The tool search calls interrupt()",
  );
  expect(t.bodies()).toHaveLength(1);
});
