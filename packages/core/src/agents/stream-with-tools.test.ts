import type { ServerResponse } from "node:http";
import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { chunk, completion, done } from "../completions/__fixtures__/completions.ts";
import { sendEvents } from "../completions/__fixtures__/loopback.ts";
import {
  json,
  startCompletions,
  stream,
  type Reply,
} from "../models/__fixtures__/completions-server.ts";
import type { OrchestraEvent } from "../usage/index.ts";
import { defineRole } from "./define-role.ts";

const search = tool(() => "It was built in 1871.", {
  name: "search",
  description: "Searches",
  schema: z.object({ query: z.string() }),
}) as StructuredToolInterface;

const call = {
  index: 0,
  id: "call_1",
  type: "function",
  function: { name: "search", arguments: '{"query":"Vell"}' },
};

/** What some models say before they call a tool. */
const asks = stream([
  chunk({ role: "assistant", content: "Let me " }),
  chunk({ content: "search." }),
  chunk({ tool_calls: [call] }),
  chunk({}, "tool_calls"),
  done,
]);

/** Sends an answer whose end waits. */
function held(beginning: string, end: string) {
  const released = Promise.withResolvers<void>();
  const send = async (response: ServerResponse) => {
    sendEvents(response, [chunk({ role: "assistant", content: beginning })]);
    await released.promise;
    response.write(`data: ${JSON.stringify(chunk({ content: end }))}\n\n`);
    response.write(`data: ${JSON.stringify(chunk({}, "stop"))}\n\n`);
    response.end(done);
  };
  const reply: Reply = (response) => void send(response);
  return { reply, release: () => released.resolve() };
}

const base = { name: "clerk", system: "You look up.", tools: [search] } as const;
const output = z.object({ title: z.string(), year: z.number() });

describe("an agent with tools streams", () => {
  test("its growing object, and at the end the valid one", async () => {
    const answer = held('{"title":"Ve', 'll","year":1871}');
    await using t = await startCompletions([asks, answer.reply]);
    const parts: unknown[] = [];
    for await (const part of await t.orchestra.agent({ ...base, output }).stream("When?")) {
      parts.push(part);
      answer.release();
    }
    expect(parts[0]).toEqual({ title: "Ve" });
    expect(parts.at(-1)).toEqual({ title: "Vell", year: 1871 });
    expect(parts.every((part) => typeof part === "object")).toBe(true);
  });

  test("its text as far as a partial has made it", async () => {
    const answer = held("Built in ", "1871.");
    await using t = await startCompletions([asks, answer.reply]);
    const role = defineRole({
      ...base,
      partial: (text) => ({ text, isWhole: false }),
      finish: (text) => ({ text, isWhole: true }),
    });
    const texts: string[] = [];
    let last: unknown;
    for await (const part of await t.orchestra.agent(role).stream("When?")) {
      if (part.text === "Built in ") answer.release();
      texts.push(part.text);
      last = part;
    }
    expect(texts).toContain("Built in ");
    expect(last).toEqual({ text: "Built in 1871.", isWhole: true });
  });

  test("its text at once at the end, because text of a message with a tool call is not the answer", async () => {
    const answer = stream([
      chunk({ content: "Built " }),
      chunk({ content: "in 1871." }),
      chunk({}, "stop"),
      done,
    ]);
    await using t = await startCompletions([asks, answer]);
    const parts = await Array.fromAsync(await t.orchestra.agent(base).stream("When?"));
    expect(parts).toEqual(["Built in 1871."]);
    // The events have the text as it comes; a call that ends with tool calls is no answer.
    const texts = t.events.filter(({ type }) => type === "text-delta");
    expect(texts).toMatchObject([
      { text: "Let me " },
      { text: "search." },
      { text: "Built " },
      { text: "in 1871." },
    ]);
    const called = t.events.find(({ type }) => type === "tool-call") as { callId: string };
    expect((texts[0] as { callId: string }).callId).toBe(called.callId);
    expect((texts[2] as { callId: string }).callId).not.toBe(called.callId);
  });

  test("no text of an agent with the same role that its tool runs", async () => {
    const whole = (content: string) =>
      stream([chunk({ role: "assistant", content }), chunk({}, "stop"), done]);
    await using t = await startCompletions([
      asks,
      whole('{"title":"Inner","year":1}'),
      whole('{"title":"Outer","year":2}'),
    ]);
    const inner = t.orchestra.agent({ name: "clerk", system: "s", output });
    const nested = tool((_: object, config) => inner.invoke("When?", config).then(JSON.stringify), {
      name: "search",
      description: "Searches",
      schema: z.object({ query: z.string() }),
    }) as StructuredToolInterface;
    const outer = t.orchestra.agent({ ...base, tools: [nested], output });
    const parts = await Array.fromAsync(await outer.stream("When?"));
    expect(parts.at(-1)).toEqual({ title: "Outer", year: 2 });
    expect(JSON.stringify(parts)).not.toContain("Inner");
  });

  test("and ends its work when the reader leaves", async () => {
    const answer = held('{"title":"Ve', "");
    await using t = await startCompletions([asks, answer.reply]);
    for await (const part of await t.orchestra.agent({ ...base, output }).stream("When?")) {
      expect(part).toEqual({ title: "Ve" });
      break;
    }
    await expect
      .poll(() => t.records.map(({ status }) => status))
      .toEqual(["succeeded", "aborted"]);
    await expect.poll(() => t.events.map(({ type }) => type)).toContain("agent-end");
  });

  test("and so does one without tools, while it waits for the next piece", async () => {
    const answer = held("An old ", "");
    await using t = await startCompletions([answer.reply]);
    const poet = t.orchestra.agent({ name: "poet", system: "You write haiku." });
    for await (const part of await poet.stream("A pond")) {
      expect(part).toBe("An old ");
      break;
    }
    await expect.poll(() => t.records.map(({ status }) => status)).toEqual(["aborted"]);
    await expect.poll(() => t.events.map(({ type }) => type)).toContain("agent-end");
  });

  test("the error of its run, and the caller's reason on an abort", async () => {
    await using t = await startCompletions([
      asks,
      json(completion({ message: { content: "no" } })),
    ]);
    const failing = async () => {
      const parts = await t.orchestra.agent({ ...base, output }).stream("When?");
      return Array.fromAsync(parts);
    };
    await expect(failing()).rejects.toMatchObject({ code: "invalid_response_error" });

    const answer = held('{"title":"Ve', "");
    await using held2 = await startCompletions([asks, answer.reply]);
    const stop = new AbortController();
    const stopped = await held2.orchestra
      .agent({ ...base, output })
      .stream("When?", { signal: stop.signal });
    const read = (async () => {
      for await (const _ of stopped) stop.abort(new Error("enough"));
    })();
    await expect(read).rejects.toThrow("enough");
  });
});

describe("events have the deltas of answers that are read as streams", () => {
  const pieces = (...texts: string[]) =>
    stream([...texts.map((content) => chunk({ content })), chunk({}, "stop"), done]);
  const deltas = (events: readonly OrchestraEvent[]): readonly (string | object)[] =>
    events.flatMap((event): (string | object)[] => {
      if (event.type === "object-delta") return [event.partial];
      return event.type === "text-delta" ? [event.text] : [];
    });

  test("of an agent's text, and of its object", async () => {
    await using t = await startCompletions([pieces("An old ", "pond.")]);
    const poet = t.orchestra.agent({ name: "poet", system: "You write haiku." });
    await Array.fromAsync(await poet.stream("A pond"));
    expect(deltas(t.events)).toEqual(["An old ", "pond."]);

    await using o = await startCompletions([pieces('{"title":"Ve', 'll","year":1871}')]);
    await Array.fromAsync(
      await o.orchestra.agent({ name: "c", system: "s", output }).stream("When?"),
    );
    expect(deltas(o.events)).toEqual([{ title: "Ve" }, { title: "Vell", year: 1871 }]);
  });

  test("of streamEvents, and of a listener of one run alone", async () => {
    await using t = await startCompletions([pieces("An old ", "pond.")], {
      onEvent: undefined as never,
    });
    const heard: OrchestraEvent[] = [];
    const config = {
      configurable: { on_event: (event: OrchestraEvent) => void heard.push(event) },
    };
    const poet = t.orchestra.agent({ name: "poet", system: "You write haiku." });
    const events = poet.streamEvents("A pond", { version: "v2", ...config });
    expect((await Array.fromAsync(events)).length).toBeGreaterThan(2);
    expect(deltas(heard)).toEqual(["An old ", "pond."]);
    await Array.fromAsync(await t.orchestra.model.stream("A pond", config));
    expect(deltas(heard)).toHaveLength(4);
  });
});

test("an error of an asynchronous listener is logged while an agent with tools streams", async () => {
  const warnings: unknown[] = [];
  const warn = (message: string, fields?: object) => warnings.push({ message, ...fields });
  const logger = { error() {}, warn, info() {}, debug() {} };
  const rejections: unknown[] = [];
  const onRejection = (error: unknown) => void rejections.push(error);
  process.on("unhandledRejection", onRejection);
  try {
    await using t = await startCompletions([json(completion())], { logger });
    const configurable = { on_event: () => Promise.reject(new Error("no disk")) };
    const agent = t.orchestra.agent(base);
    await Array.fromAsync(await agent.stream("When?", { configurable }));
    const parts = t.orchestra.agent({ ...base, partial: (text: string) => text });
    await Array.fromAsync(await parts.stream("When?", { configurable }));
    await new Promise(setImmediate);
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  expect(rejections).toEqual([]);
  expect(warnings).toContainEqual({
    message: "A listener threw an error, which is ignored",
    error: "no disk",
  });
});
