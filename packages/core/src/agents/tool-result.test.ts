import { Readable } from "node:stream";
import { runInNewContext } from "node:vm";
import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { IterableReadableStream } from "@langchain/core/utils/stream";
import { Command } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FakeClock } from "../clock/fake-clock.ts";
import { systemClock } from "../clock/index.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { limitedTool } from "./limited-tool.ts";

const unwatched = {
  admit: () => undefined,
  begin: () => ({ id: "execution-1", end: () => undefined }),
};

const call = { type: "tool_call", name: "work", args: {}, id: "call-1" } as const;

function toolOf(work: () => unknown, fields: object = {}): StructuredToolInterface {
  const schema = z.object({});
  return tool(work, { name: "work", description: "Works", schema, ...fields });
}

function limited(work: () => unknown, fields: object = {}, limits: object = {}) {
  return limitedTool(
    toolOf(work, fields),
    {
      clock: new FakeClock(),
      timeoutMs: 1000,
      maxResult: 500,
      redact: (text) => text,
      ...limits,
    },
    unwatched,
  );
}

/** What the model gets of a result. */
async function contentOf(work: () => unknown, fields: object = {}): Promise<unknown> {
  const message: unknown = await limited(work, fields).invoke(call);
  expect(message).toBeInstanceOf(ToolMessage);
  return (message as ToolMessage).content;
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error("It did not fail");
    },
    (error: unknown) => error as Error,
  );

class Account {
  readonly owner = "Ada";
  readonly parent: unknown = this;
}

class Sealed {
  readonly #secret = 1;
  get size() {
    return this.#secret;
  }
}

class Node {
  readonly next = () => undefined;
  readonly name = "a";
}

const circular: Record<string, unknown> = { name: "a" };
circular["self"] = circular;
const shared = { a: 1 };

const bytes = (text: string) => new TextEncoder().encode(text);
const streamOf = (...chunks: unknown[]) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });

describe("what a tool returns reaches the model as text:", () => {
  const cases: readonly [string, () => unknown, unknown][] = [
    ["nothing", () => undefined, "[no result]"],
    ["an array of holes", () => Array(2), "[null,null]"],
    ["null", () => null, "null"],
    ["an empty text", () => "", ""],
    ["a number", () => 5, "5"],
    ["no number", () => Number.NaN, "NaN"],
    ["an empty list", () => [], "[]"],
    ["a bigint", () => 2n ** 70n, "1180591620717411303424"],
    ["bigints inside", () => ({ rows: [{ id: 7n }] }), '{"rows":[{"id":"7"}]}'],
    ["numbers that are infinite", () => ({ a: -Infinity }), '{"a":"-Infinity"}'],
    ["a map with names", () => new Map([["a", { b: 1n }]]), '{"a":{"b":"1"}}'],
    ["a map with other keys", () => new Map([[1, 2]]), "[[1,2]]"],
    ["a set", () => new Set(["a", 1n]), '["a","1"]'],
    ["an error", () => new RangeError("too far"), "RangeError: too far"],
    ["an error of another realm", () => runInNewContext('new Error("far")'), "Error: far"],
    ["an error inside", () => [{ error: new Error("no") }], '[{"error":"Error: no"}]'],
    ["a date", () => new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a date that is none", () => ({ at: new Date(Number.NaN) }), '{"at":"Invalid Date"}'],
    ["what contains itself", () => circular, '{"name":"a","self":"[circular]"}'],
    ["what is there twice", () => [shared, shared], '[{"a":1},{"a":1}]'],
    ["an instance of a class", () => new Account(), '{"owner":"Ada","parent":"[circular]"}'],
    ["an instance without fields", () => new Sealed(), "[Sealed]"],
    ["what looks like a generator", () => new Node(), '{"name":"a"}'],
    ["a promise inside", () => [Promise.resolve(1)], '["[Promise]"]'],
    ["a function inside", () => ({ a: () => 1, b: 2, c: Symbol("x") }), '{"b":2}'],
    ["a pattern", () => ({ pattern: /a/g }), '{"pattern":"/a/g"}'],
    ["boxed values", () => [Object("a"), Object(1n)], '["a","1"]'],
    ["without a prototype", () => Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ["the name __proto__", () => JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
    ["with a toJSON", () => new URL("http://a.b/c"), "http://a.b/c"],
    ["headers", () => new Headers({ "x-a": "1" }), '{"x-a":"1"}'],
    ["parameters, one twice", () => new URLSearchParams("a=1&a=2"), '[["a","1"],["a","2"]]'],
    ["bytes of a text", () => Buffer.from("Vell é"), "Vell é"],
    ["other bytes", () => new Uint8Array([255, 254, 0]), "[3 bytes]"],
    ["bytes inside", () => ({ file: Buffer.from("a") }), '{"file":"[1 bytes]"}'],
    ["a buffer", () => bytes("a").buffer, "a"],
    ["a list of numbers", () => new Float32Array([1, 2.5]), "[1,2.5]"],
    ["a message", () => new AIMessage("Built in 1871"), "Built in 1871"],
    ["messages", () => [new HumanMessage("When?")], '[{"type":"human","content":"When?"}]'],
    ["a list of its own types", () => [{ type: "tower", id: 1 }], '[{"type":"tower","id":1}]'],
    ["parts of a message", () => [{ type: "text", text: "a" }], [{ type: "text", text: "a" }]],
    ["a response", () => new Response("found"), "found"],
    ["a response that failed", () => new Response("no", { status: 404 }), "HTTP 404\nno"],
    ["a response without a body", () => new Response(null, { status: 204 }), "[no result]"],
    ["a blob", () => new Blob(["a", "b"]), "ab"],
    [
      "a stream of bytes",
      () => streamOf(bytes("灯塔").slice(0, 4), bytes("灯塔").slice(4)),
      "灯塔",
    ],
    ["a stream of texts", () => Readable.from(["a", "b"]), "ab"],
    ["a stream of values", () => streamOf({ a: 1n }, "b"), '[{"a":"1"},"b"]'],
    ["an empty stream", () => streamOf(), "[no result]"],
    [
      "a stream of LangChain's",
      () => IterableReadableStream.fromReadableStream(streamOf("a", "b")),
      "ab",
    ],
    [
      "a generator that yields",
      async function* texts() {
        yield "a";
        yield "b";
      },
      "ab",
    ],
    [
      "a generator that returns",
      function* rows() {
        yield "1 of 2";
        return new Map([["rows", 2]]);
      },
      '{"rows":2}',
    ],
  ];

  test.each(cases)("%s", async (_, work, content) => {
    expect(await contentOf(work)).toEqual(content);
    const withArtifact = { responseFormat: "content_and_artifact" };
    expect(await contentOf(() => [work(), 1], withArtifact)).toEqual(content);
  });

  test.each(cases)("%s, of a tool that is not a LangChain class", async (_, work, content) => {
    const raw = Object.create(toolOf(work), { invoke: { value: async () => work() } });
    const limits = { clock: new FakeClock(), timeoutMs: 1, maxResult: 500, redact: String };
    const own = limitedTool(raw as StructuredToolInterface, limits, unwatched);
    expect(await own.invoke(call)).toEqual(content);
  });

  test("results for the graph do not change", async () => {
    const command = new Command({ goto: "elsewhere" });
    expect(await limited(() => command).invoke(call)).toBe(command);
    const message = new ToolMessage({ content: "own", tool_call_id: "call-1" });
    expect(await limited(() => message).invoke(call)).toBe(message);
  });

  test("a value with very many shared parts is read up to a limit", async () => {
    let doubled: unknown = "x";
    for (let depth = 0; depth < 60; depth += 1) doubled = [doubled, doubled];
    expect(await contentOf(() => doubled)).toContain("[cut off: the first 500 of ");
  });
});

describe("what a tool returns and has no text is an error that names the tool:", () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  const used = new Response("a");

  test.each([
    ["a function", () => () => 1, "The tool work returned a function"],
    ["a symbol", () => Symbol("x"), "The tool work returned a symbol"],
    [
      "what throws when it is read",
      () => ({
        get field() {
          throw new Error("no session");
        },
      }),
      "The tool work returned what cannot be read (no session): expected",
    ],
    ["what is too deep", () => deep, "The tool work returned what cannot be read"],
    ["a response that was read", () => used, "whose body was read already"],
  ])("%s", async (_, work, message) => {
    await used.text().catch(() => undefined);
    const { message: said } = await failureOf(limited(work).invoke(call));
    expect(said).toContain(message);
  });

  test("no artifact where one was announced", async () => {
    const tooShort = limited(() => 5n, { responseFormat: "content_and_artifact" });
    const { message } = await failureOf(tooShort.invoke(call));
    expect(message).toContain("The tool work has the responseFormat");
  });

  test("a stream without an end, which waits for nothing", async () => {
    async function* endless() {
      for (;;) yield "x";
    }
    const own = limited(endless, {}, { clock: systemClock, timeoutMs: 20 });
    expect((await failureOf(own.invoke(call))).message).toContain("gave no result within");
  });
});

test("an agent continues with any value that its tool returns", async () => {
  const results: unknown[] = [1n, new Map([["a", 1n]]), circular, undefined, () => 1, Symbol("x")];
  for (const result of results) {
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [
          {
            match: { hasToolResult: false },
            response: { toolCalls: [{ name: "work", arguments: "{}" }] },
          },
          { match: { hasToolResult: true }, response: { content: "Done" } },
        ],
      },
    });
    const tools = [toolOf(() => result)];
    const agent = t.orchestra.agent({ name: "clerk", system: "Work.", tools });
    expect(await agent.invoke("Go")).toBe("Done");
    const messages = t.sandbox.books.entries.at(-1)?.body["messages"] as { content: unknown }[];
    expect(messages.at(-1)?.content).toEqual(expect.stringMatching(/./));
  }
});
