import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { chunk, completion, usageChunk } from "../__fixtures__/completions.ts";
import { failureOf, readLive, start } from "../__fixtures__/exchange.ts";
import { sendEvents, sendJson } from "../__fixtures__/loopback.ts";

const call = (args: unknown, fields: object = {}) => ({
  index: 0,
  id: "call-1",
  type: "function",
  function: { name: "search", arguments: args },
  ...fields,
});
const calling = (...calls: object[]) => ({ role: "assistant", content: null, tool_calls: calls });
const message = (fields: object) =>
  completion({}, { choices: [{ index: 0, message: fields, finish_reason: "stop" }] });
const numbers = (count: number) => Array.from({ length: count }, () => 1);

/** The same message as one document, and as a stream. */
const forms: readonly [string, (response: ServerResponse, fields: object) => void][] = [
  ["whole", (response, fields) => sendJson(response, message(fields))],
  [
    "streamed",
    (response, fields) =>
      sendEvents(response, [chunk(fields), chunk({}, "stop"), usageChunk]).end(),
  ],
];

describe.each(forms)("a %s answer", (_, send) => {
  test.each([
    ["long arguments", calling(call("x".repeat(600_000)))],
    ["arguments of many values", calling(call(JSON.stringify(numbers(30_000))))],
    ["an object of many values as arguments", calling(call({ list: numbers(30_000) }))],
    ["a long name of a tool", calling(call("{}", { function: { name: "x".repeat(1000) } }))],
  ])("with %s is refused, to a reader of the whole and of the stream", async (__, fields) => {
    await using t = await start((response) => send(response, fields), { streamUpstream: true });
    for (const error of [await failureOf(t.whole()), await failureOf(readLive(t.live()))]) {
      expect(error.kind).toBe("invalid_response_error");
      expect(error.message.length).toBeLessThan(500);
    }
  });

  test("with a picture of several megabytes is taken", async () => {
    const url = `data:image/png;base64,${"A".repeat(6_000_000)}`;
    const images = [{ type: "image_url", image_url: { url } }];
    const fields = { role: "assistant", content: "Here", images };
    await using t = await start((response) => send(response, fields), { streamUpstream: true });
    const { completion: answer } = await t.whole();
    expect(answer.choices[0]?.message).toMatchObject({ images });
    expect((await readLive(t.live()))[0]?.choices[0]?.delta).toMatchObject({ images });
  });

  test("with an error of any size fails by the error's beginning", async () => {
    const error = { code: 429, message: `slow down ${"x".repeat(1e6)}`, details: numbers(50_000) };
    await using t = await start((response) => sendJson(response, { error }));
    const failure = await failureOf(t.whole());
    expect(failure.kind).toBe("rate_limit_error");
    expect(failure.message).toContain("slow down");
    expect(failure.message.length).toBeLessThan(5000);
  });
});

describe("a stream", () => {
  test("of calls that share an index is refused at the limit of calls, and closed", async () => {
    const calls = Array.from({ length: 200 }, (_, at) => call("{}", { id: `call-${at}` }));
    const events = calls.map((each) => chunk({ tool_calls: [each] }));
    await using t = await start((response) => sendEvents(response, events), {
      streamUpstream: true,
    });
    for (const read of [t.whole(), readLive(t.live())]) {
      expect((await failureOf(read)).details.reason).toBe("too_many_tool_calls");
    }
    await Promise.all(t.server.received.map(({ closed }) => closed));
  });

  test.each([
    ["texts", chunk({ content: "x".repeat(1e6) })],
    ["reasoning", chunk({ reasoning: "x".repeat(1e6) })],
  ])("of %s that are larger than a document may be is refused", async (_, piece) => {
    const events = Array.from({ length: 20 }, () => piece);
    await using t = await start((response) => void sendEvents(response, events).end(), {
      streamUpstream: true,
    });
    expect((await failureOf(t.whole())).message).toContain("LLM_MAX_EVENT_BYTES");
  });

  test("of more choices than can be asked for is refused", async () => {
    const choices = Array.from({ length: 1000 }, (_, index) => ({
      index,
      delta: { content: "a" },
    }));
    await using t = await start((response) => {
      sendEvents(response, [chunk({}, null, { choices })]).end();
    });
    expect((await failureOf(readLive(t.live()))).details.reason).toBe("too_large");
  });

  test("passes a bounded number of empty chunks on before its first token", async () => {
    const empty = Array.from({ length: 20_000 }, () => chunk({}));
    const events = [...empty, chunk({ content: "Hello" }), chunk({}, "stop"), usageChunk];
    await using t = await start((response) => void sendEvents(response, events).end());
    const chunks = await readLive(t.live());
    expect(chunks.length).toBeLessThan(5000);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("Hello");
  });
});
