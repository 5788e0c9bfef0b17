import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { chunk, completion, done, helloStream, usageChunk } from "./__fixtures__/completions.ts";
import { failureOf, readLive, sendBody, start, textOf } from "./__fixtures__/exchange.ts";
import { sendEvents, sendJson } from "./__fixtures__/loopback.ts";

const eventStream = helloStream
  .map((event) => (typeof event === "string" ? event : `data: ${JSON.stringify(event)}\n\n`))
  .join("");
const document = JSON.stringify(completion());
const bom = "\uFEFF";

describe("the body decides the format, not the content type:", () => {
  test.each([
    ["a stream labelled as JSON", eventStream, "application/json"],
    ["a stream labelled as text", eventStream, "text/plain"],
    ["a stream without a label", eventStream, undefined],
    ["a stream with a byte order mark", bom + eventStream, "text/event-stream"],
    ["a stream after empty lines", `\n\r\n${eventStream}`, "text/event-stream"],
    ["a stream that begins with a field other than data", `event: x\n${eventStream}`, undefined],
    ["JSON labelled as a stream", document, "text/event-stream"],
    ["JSON labelled as text", document, "text/plain"],
    ["JSON without a label", document, undefined],
    ["a stream of one line an event", eventStream.replaceAll("\n\n", "\n") + "\n", undefined],
    ["a stream whose end is quoted", eventStream.replace("[DONE]", '"[DONE]" '), undefined],
    [
      "a stream with NaN",
      eventStream.replace('"choices":', '"x":[NaN,-Infinity],"choices":'),
      undefined,
    ],
    ["JSON with NaN", document.replace('"choices":', '"x":[NaN,"NaN"],"choices":'), undefined],
    ["JSON after white space", `\n\n  \t${document}`, "application/json"],
    ["JSON with a byte order mark", bom + document, "application/json"],
  ])("%s", async (_, body, type) => {
    await using t = await start((response) => sendBody(response, body, type));
    const { completion: answer, metadata } = await t.whole();
    expect(answer.choices[0]?.message.content).toBe("Hello there");
    expect(metadata.provider).toBe("OpenAI");
    expect(textOf(await readLive(t.live()))).toBe("Hello there");
  });

  test.each([
    ["JSON labelled as a stream", '{"error":{"code":429,"message":"Slow down"}}'],
    ["JSON in a list", '[{"error":{"code":429,"message":"Slow down"}}]'],
    ["JSON with a status", '{"status":429,"message":"Slow down"}'],
    ["JSON in the form of Node.js servers", '{"statusCode":429,"message":"Slow down"}'],
    ["JSON with a short message", '{"code":429,"msg":"Slow down","data":null}'],
    ["a chunk", 'data: {"error":{"code":429,"message":"Slow down"}}\n\n'],
    ["an event", 'event: error\ndata: {"code":429,"message":"Slow down"}\n\n'],
    [
      "an event with an envelope",
      'event: error\ndata: {"error":{"code":429,"message":"Slow down"}}\n\n',
    ],
    ["a type alone", 'event: error\ndata: {"type":"rate_limit_error","message":"Slow down"}\n\n'],
  ])("a rate limit inside a 200, as %s", async (_, body) => {
    await using t = await start((response) => sendBody(response, body, "text/event-stream"));
    for (const work of [t.whole, t.live]) {
      const { kind, message } = await failureOf(work());
      expect([kind, message]).toEqual(["rate_limit_error", "Slow down"]);
    }
  });

  test.each([
    [
      "an event",
      ': hi\n\nevent: error\ndata: {"error":{"message":"Slow down"}}\n\ndata: [DONE]\n\n',
    ],
    ["a list", '[{"error":{"message":"Slow down"}}]'],
    ["FastAPI's detail", '{"detail":"Slow down"}'],
    ["a text", "Slow down"],
  ])("the body of a 429, as %s", async (_, body) => {
    await using t = await start((response) => void response.writeHead(429).end(body));
    const { kind, message } = await failureOf(t.whole());
    expect([kind, message]).toEqual(["rate_limit_error", "Slow down"]);
  });

  test("an error event without JSON is reported with its text", async () => {
    const body = "event: error\ndata: upstream is down\n\n";
    await using t = await start((response) => sendBody(response, body, "text/event-stream"));
    const { kind, message } = await failureOf(t.whole());
    expect([kind, message]).toEqual(["service_error", "upstream is down"]);
  });

  test("though the first packet holds one byte", async () => {
    await using t = await start((response) => {
      response.writeHead(200);
      response.write("d", () =>
        setImmediate(() => response.end(eventStream.replace(/^[^d]*d/, ""))),
      );
    });
    expect((await t.whole()).completion.choices[0]?.message.content).toBe("Hello there");
  });

  test.each([
    ["a web page", "<!doctype html><html>Sign in to the hotel's network</html>", "malformed"],
    ["a web page labelled as JSON", "<html></html>", "malformed"],
    ["a sentence", "upstream connect error or disconnect", "malformed"],
    ["half of a document", `{"id":"gen-1","choices":[`, "interrupted"],
    ["two documents", "{}{}", "malformed"],
    ["nothing", "", "empty"],
    ["white space", " \n\n", "empty"],
    ["null", "null", "empty"],
  ])("%s is not an answer", async (_, body, reason) => {
    await using t = await start((response) => sendBody(response, body, "application/json"));
    for (const work of [t.whole, t.live]) {
      const { details } = await failureOf(work());
      expect([details.kind, details.reason]).toEqual(["invalid_response_error", reason]);
    }
  });

  test("a body that is neither is shown in the error, and its connection closed", async () => {
    await using t = await start((response) => {
      response.writeHead(200);
      response.write("<html>Sign in");
    });
    for (const [at, work] of [t.whole, t.live].entries()) {
      expect((await failureOf(work())).message).toContain("<html>Sign in");
      await t.server.received[at]?.closed;
    }
  });
});

const toolCalls = (value: unknown) => ({ message: { role: "assistant", tool_calls: value } });
const oddDocuments: [string, object][] = [
  ["a choice that is null", completion({}, { choices: [null] })],
  ["a choice that is a text", completion({}, { choices: ["Hello"] })],
  ["choices that are a text", completion({}, { choices: "Hello" })],
  ["choices that are an object", completion({}, { choices: { message: {} } })],
  ["a message that is a text", completion({ message: "Hello" })],
  ["a message that is null", completion({ message: null })],
  ["a tool call that is null", completion(toolCalls([null]))],
  ["a tool call without a function", completion(toolCalls([{ id: "1", type: "function" }]))],
  ["tool calls that are a text", completion(toolCalls("search"))],
  ["tool calls that are an object", completion(toolCalls({ id: "1" }))],
  ["tool calls that are a number", completion(toolCalls(1))],
  ["content that is an object", completion({ message: { role: "assistant", content: {} } })],
  ["content that is a number", completion({ message: { role: "assistant", content: 0 } })],
  ["usage that is a text", completion({}, { usage: "much" })],
  ["usage that is full of nonsense", completion({}, { usage: { prompt_tokens: {}, cost: "x" } })],
  ["an id that is an object", completion({}, { id: {}, model: 1, provider: [] })],
  ["an error that is true", completion({}, { error: true })],
];

const oddChunks: [string, object][] = [
  ["a choice that is null", chunk({}, null, { choices: [null] })],
  ["a choice that is a text", chunk({}, null, { choices: ["Hello"] })],
  ["choices that are null", chunk({}, null, { choices: null })],
  ["choices that are an object", chunk({}, null, { choices: { delta: {} } })],
  ["choices that are a number", chunk({}, null, { choices: 1 })],
  ["choices that are an empty text", chunk({}, null, { choices: "" })],
  ["choices that are a letter", chunk({}, null, { choices: "x" })],
  ["a delta that is null", chunk({}, null, { choices: [{ index: 0, delta: null }] })],
  ["a delta that is a text", chunk({}, null, { choices: [{ index: 0, delta: "Hello" }] })],
  ["a tool call that is null", chunk({ tool_calls: [null] })],
  ["a tool call without a function", chunk({ tool_calls: [{ index: 0, id: "1" }] })],
  ["a tool call whose function is a text", chunk({ tool_calls: [{ index: 0, function: "f" }] })],
  ["tool calls that are a text", chunk({ tool_calls: "search" })],
  ["content that is an object", chunk({ content: { text: "Hello" } })],
  ["content that is a number", chunk({ content: 1 })],
  ["a finish reason that is an object", chunk({ content: "Hel" }, {} as never)],
  ["usage that is a text", chunk({ content: "Hel" }, null, { usage: "much" })],
  ["a model that is a number", chunk({ content: "Hel" }, null, { model: 1, id: [] })],
];

/** The kind of what work throws; undefined where it succeeds. */
async function kindOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => (error as { readonly kind?: string }).kind ?? "not a ModelError",
  );
}

/** Whether the response was usable, or was found not to be: never a bug of ours. */
const known = [undefined, "invalid_response_error", "service_error"];

describe("an answer of an odd shape never is an unknown error:", () => {
  test.each(oddDocuments)("a document with %s", async (_, body) => {
    await using t = await start((response) => sendJson(response, body));
    expect(known).toContain(await kindOf(t.whole()));
    expect(known).toContain(await kindOf(readLive(t.live())));
  });

  test.each(oddChunks)("a stream with %s", async (_, odd) => {
    const events = [odd, chunk({ content: "Hello" }), chunk({}, "stop"), usageChunk, done];
    await using t = await start((response) => void sendEvents(response, events).end());
    expect(known).toContain(await kindOf(t.whole()));
    expect(known).toContain(await kindOf(readLive(t.live())));
  });

  test.each([
    ["choices that are null", { choices: null }],
    ["a choice that is null", { choices: [null] }],
    ["a delta that is null", { choices: [{ index: 0, delta: null }] }],
    ["no choices", { choices: undefined }],
  ])("a stream with %s in one chunk succeeds", async (_, fields) => {
    const events = [chunk({}, null, fields), chunk({ content: "Hello" }), chunk({}, "stop"), done];
    await using t = await start((response) => void sendEvents(response, events).end());
    expect((await t.whole()).completion.choices[0]?.message.content).toBe("Hello");
    expect(await kindOf(readLive(t.live()))).toBeUndefined();
  });
});

describe("an answer above the limit of bytes", () => {
  /** Sends one piece again and again until the client closes the connection. */
  function flood(response: ServerResponse, first: string, piece: string, status = 200): void {
    response.writeHead(status);
    const pieces = function* () {
      yield first;
      for (;;) yield piece;
    };
    pipeline(Readable.from(pieces()), response).catch(() => undefined);
  }
  const mebibyte = "x".repeat(2 ** 20);
  const tooLarge = ["invalid_response_error", "too_large"];

  test.each([
    ["as a document", '{"id":"', mebibyte],
    ["as a stream of comments", ": hello\n\n", `: ${mebibyte}\n\n`],
    ["as one event without an end", "data: ", mebibyte],
  ])("%s fails, and the connection is closed", async (_, first, piece) => {
    await using t = await start((response) => flood(response, first, piece));
    const whole = await failureOf(t.whole());
    expect([whole.kind, whole.details.reason]).toEqual(tooLarge);
    expect(whole.message).toMatch(/LLM_MAX_(ANSWER|EVENT)_BYTES/);
    await t.server.received[0]?.closed;
    const live = await failureOf(t.live());
    expect([live.kind, live.details.reason]).toEqual(tooLarge);
    await t.server.received[1]?.closed;
  });

  test("as the body of an error status keeps the status", async () => {
    await using t = await start((response) => flood(response, "Down: ", mebibyte, 503));
    expect(await failureOf(t.whole())).toMatchObject({ kind: "service_error", status: 503 });
    await t.server.received[0]?.closed;
  });
});
