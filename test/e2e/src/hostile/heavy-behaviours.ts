import { gzipSync } from "node:zlib";
import type { Respond } from "./raw-server.ts";
import {
  chunk,
  completion,
  event,
  events,
  json,
  lastChunk,
  message,
  openEvents,
  send,
  toolCall,
  usage,
} from "./wire.ts";

const megabytes = (count: number, unit: string): string =>
  unit.repeat(Math.floor((count * 1e6) / unit.length));
const listOf = (count: number, item: string): string =>
  `[${megabytes(count, `${item},`).slice(0, -1)}]`;

const answer = '{"choices":[{"index":0,"finish_reason":"stop","message":{"content":"a"}}],"x":';
const delta = '{"choices":[{"index":0,"delta":{"content":"a"}}],"x":';

/** A text as an answer's document, or as one event of the stream that is asked for. */
const withValue =
  (value: () => string): Respond =>
  (socket, request) =>
    request.isStream
      ? events(`${delta}${value()}}`, lastChunk)(socket, request)
      : json(`${answer}${value()}}`)(socket, request);

/** The same as a document, though a stream is asked for. */
const documentWith =
  (value: () => string): Respond =>
  (socket, request) =>
    json(`${answer}${value()}}`)(socket, request);

/** A message, made when it is asked for. */
const made =
  (body: () => object): Respond =>
  (socket, request) =>
    message({ role: "assistant", ...body() })(socket, request);

/** Many events, in one piece. */
const many =
  (count: number, part: (at: number) => object, first: object = { content: "a" }): Respond =>
  (socket) => {
    openEvents(socket);
    socket.write(event(chunk(first)));
    for (let at = 0; at < count; at += 1) socket.write(event(part(at)));
    socket.end(event({ ...lastChunk, usage }));
  };

const piece = (args: string): object =>
  chunk({ tool_calls: [{ index: 0, function: { arguments: args } }] });

const error200 =
  (error: () => unknown): Respond =>
  (socket, request) =>
    request.isStream
      ? events(chunk({ content: "a" }), { ...chunk({}, "error"), error: error() })(socket, request)
      : json({ error: error() })(socket, request);

const error400 =
  (text: () => string, status = 400): Respond =>
  (socket) =>
    send(socket, JSON.stringify({ error: { message: text() } }), { status });

const compressedEvents =
  (unit: string): Respond =>
  (socket) => {
    const body = gzipSync(unit.repeat(Math.floor(50e6 / unit.length)));
    const headers = { "content-type": "text/event-stream", "content-encoding": "gzip" };
    send(socket, body, { headers });
  };

/** Answers within the limits of bytes whose reading could take the processor for long at a time. */
export const heavyBehaviours: Readonly<Record<string, Respond>> = {
  // One document or event.
  "15 MB of numbers": withValue(() => listOf(15, "1")),
  "15 MB of objects": withValue(() => listOf(15, '{"a":1}')),
  "15 MB of empty lists": withValue(() => listOf(15, "[]")),
  "15 MB of short texts": withValue(() => listOf(15, '""')),
  "15 MB of escapes": withValue(() => `"${megabytes(15, String.raw`\n`)}"`),
  "15 MB of escaped quotes": withValue(() => `"${megabytes(15, String.raw`\"`)}"`),
  "15 MB of names": withValue(
    () => `{${Array.from({ length: 1e6 }, (_, at) => `"key-${at}":1`).join(",")}}`,
  ),
  "15 MB with a NaN": withValue(() => `{"a":"${megabytes(15, "x")}","b":NaN}`),
  "15 MB of NaN": withValue(() => listOf(15, "NaN")),
  "15 MB of quotes with a NaN": withValue(() => `[NaN,${listOf(14, String.raw`"\""`)}]`),
  "15 MB of spaces": withValue(() => `[${megabytes(15, " ")}]`),
  "15 MB of one text": made(() => ({ content: megabytes(15, "x") })),
  "a picture of 12 MB": made(() => ({
    content: "a",
    images: [
      { type: "image_url", image_url: { url: `data:image/png;base64,${megabytes(12, "A")}` } },
    ],
  })),
  "an id of 15 MB": withValue(() => `1,"id":"${megabytes(15, "x")}"`),
  "a finish of 15 MB": (socket, request) =>
    message({ role: "assistant", content: "a" }, megabytes(15, "MALFORMED "))(socket, request),
  "a model of 15 MB of keys": withValue(() => `1,"model":"${megabytes(15, "sk-")}"`),
  "300,000 parts of content": made(() => ({
    content: Array.from({ length: 300_000 }, () => ({ type: "text", text: "a" })),
  })),
  "300,000 fields of usage": withValue(
    () => `1,"usage":{${Array.from({ length: 300_000 }, (_, at) => `"${at}":1`).join(",")}}`,
  ),
  "an event of 90,000 lines": (socket) => {
    openEvents(socket);
    socket.end(`data: ${delta}[\n${"data: 1,\n".repeat(90_000)}data: 1]}\n\n${event(lastChunk)}`);
  },
  "90,000 objects in an event": (socket) => {
    openEvents(socket);
    socket.end(`${`data: ${JSON.stringify(chunk({}))}\n`.repeat(90_000)}\n${event(lastChunk)}`);
  },
  "a document of 15 MB of numbers": documentWith(() => listOf(15, "1")),
  "a document of 15 MB of names": documentWith(
    () => `{${Array.from({ length: 1e6 }, (_, at) => `"key-${at}":1`).join(",")}}`,
  ),
  "a document of 400,000 values": documentWith(() => listOf(2.2, '{"a":"b"}')),
  "a document of 15 MB of spaces": documentWith(() => `[${megabytes(15, " ")}]`),
  "a document of 15 MB of escapes": documentWith(() => `"${megabytes(15, String.raw`\n`)}"`),
  // Texts that are read further.
  "15 MB of braces": made(() => ({ content: megabytes(15, "{") })),
  "15 MB of half objects": made(() => ({ content: megabytes(15, '{"answer":"a", ') })),
  "15 MB of objects in the text": made(() => ({ content: megabytes(15, '{"answer":1} ') })),
  "a list of 15 MB in the text": made(() => ({ content: listOf(10, "1") })),
  "15 MB of escapes in the text": made(() => ({ content: `"${megabytes(7, String.raw`\n`)}"` })),
  "nested JSON texts of 10 MB": made(() => ({
    content: JSON.stringify(JSON.stringify(listOf(8, "1"))),
  })),
  "many texts that begin": many(3000, () => chunk({ content: `{"${"x".repeat(5000)}` })),
  "a written call without an end": made(() => ({
    content: `<|channel|> to=functions.${megabytes(0.3, "a")}`,
  })),
  "written calls without an end": made(() => ({
    content: megabytes(3, "<|channel|>commentary to=functions.search "),
  })),
  "written calls of 10 MB": made(() => ({
    content: megabytes(10, '<tool_call>{"name":"search","arguments":{"query":"a"}}</tool_call>'),
  })),
  "10 MB of marks of calls": made(() => ({ content: megabytes(10, "<tool_call>") })),
  // Tool calls.
  "arguments of 12 MB": made(() => ({
    tool_calls: [toolCall(`{"query":"${megabytes(12, "x")}"}`)],
  })),
  "arguments of 10 MB of numbers": made(() => ({
    tool_calls: [toolCall(`{"query":${listOf(10, "1")}}`)],
  })),
  "arguments of 10 MB of half lists": made(() => ({
    tool_calls: [toolCall(`{"query":${megabytes(10, "[1,")}`)],
  })),
  "arguments in deltas of a megabyte": many(14, () => piece(megabytes(1, "x")), {
    tool_calls: [toolCall('{"query":"')],
  }),
  "a megabyte of arguments in deltas": many(5000, () => piece("x".repeat(200)), {
    tool_calls: [toolCall('{"query":"')],
  }),
  "brackets of arguments in deltas": many(20_000, () => piece("}]"), {
    tool_calls: [toolCall('{"query":"')],
  }),
  "arguments of objects in deltas": many(2000, () => piece('{"a":[1,2,3],"b":"x"},'.repeat(20)), {
    tool_calls: [toolCall('{"query":[')],
  }),
  "100,000 calls of one index": made(() => ({
    tool_calls: Array.from({ length: 100_000 }, (_, at) => ({ ...toolCall("{}"), id: `c${at}` })),
  })),
  "20,000 calls of one index in deltas": many(20_000, (at) =>
    chunk({ tool_calls: [{ ...toolCall("{}"), id: `c${at}` }] }),
  ),
  "a tool's name of 10 MB": made(() => ({
    tool_calls: [{ ...toolCall("{}"), function: { name: megabytes(10, "x"), arguments: "{}" } }],
  })),
  "100,000 fields of a call": made(() => ({
    tool_calls: [
      {
        ...toolCall("{}"),
        ...Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, at])),
      },
    ],
  })),
  // Streams.
  "a new field in each chunk": many(60_000, (at) => ({
    ...chunk({ content: "a" }),
    [`key-${at}`]: 1,
  })),
  "10,000 new fields in each chunk": many(40, (at) => ({
    ...chunk({ content: "a" }),
    ...Object.fromEntries(Array.from({ length: 10_000 }, (_, field) => [`${at}-${field}`, 1])),
  })),
  "60,000 items twice": many(2, (at) =>
    chunk({
      content: "a",
      reasoning_details: Array.from({ length: 60_000 }, (_, index) => ({
        index: index + at * 1e6,
      })),
    }),
  ),
  "10 MB of citations": made(() => ({
    content: "a",
    annotations: Array.from({ length: 80_000 }, () => ({
      type: "url_citation",
      url_citation: { url: "https://example.com/", title: "a", start_index: 0, end_index: 1 },
    })),
  })),
  "log probabilities": many(200, () => ({
    ...chunk({ content: "a" }),
    choices: [
      {
        index: 0,
        delta: { content: "a" },
        logprobs: {
          content: Array.from({ length: 500 }, () => ({ token: "a", logprob: -1, bytes: [97] })),
        },
      },
    ],
  })),
  "100,000 choices": many(1, () => ({
    ...chunk({}),
    choices: Array.from({ length: 100_000 }, (_, index) => ({ index, delta: { content: "a" } })),
  })),
  "text before the first token": many(200_000, () => ({}), {}),
  "compressed empty events": compressedEvents("data: {}\n\n"),
  "compressed tokens": compressedEvents(event(chunk({ content: "a" }))),
  "compressed comments": compressedEvents(":\n\n"),
  "compressed line breaks": compressedEvents("\n"),
  // Errors.
  "an error of 12 MB in a 200": error200(() => ({ code: 500, message: megabytes(12, "sk-a ") })),
  "an error of 12 MB that nests another": error200(() => ({
    code: 500,
    message: `{"error":${listOf(12, "1")}`,
  })),
  "an error with 12 MB of details": error200(() => ({
    code: 429,
    message: "slow",
    details: Array.from({ length: 400_000 }, () => ({ retryDelay: "x" })),
  })),
  "an error with reasons of 12 MB": error200(() => ({
    code: 403,
    message: "a",
    metadata: { reasons: Array.from({ length: 400_000 }, () => "violence, and more") },
  })),
  "an error with headers of 12 MB": error200(() => ({
    code: 429,
    message: "a",
    metadata: {
      headers: Object.fromEntries(Array.from({ length: 300_000 }, (_, at) => [`x-${at}`, "a"])),
    },
  })),
  "an error whose raw is 12 MB": error200(() => ({
    code: 429,
    message: "a",
    metadata: { raw: Array.from({ length: 400_000 }, () => ({ a: "b" })) },
  })),
  "an error with a code of 12 MB": error200(() => ({ code: megabytes(12, "9"), message: "a" })),
  "a refusal of 12 MB": made(() => ({ refusal: megabytes(12, "no ") })),
  "an error of empty errors": error200(() => Array.from({ length: 500_000 }, () => ({ a: [""] }))),
  "a 400 of models": error400(() => megabytes(0.25, "model ")),
  "a 400 of contexts": error400(() => megabytes(0.25, "context length exceeds larger than ")),
  "a 404 of no endpoints": error400(() => megabytes(0.25, "no endpoints found that support "), 404),
  "a 429 of waits": error400(() => megabytes(0.25, "try again in 1.1 1.1 1.1 "), 429),
  "a 400 of parameters": error400(() => megabytes(0.25, "unsupported parameter: 'a' "), 400),
  "a 400 of affordable": error400(() => megabytes(0.25, "can only afford "), 402),
  "a 400 of escapes": error400(() => megabytes(0.05, "\u0001"), 400),
  "a 400 of nested JSON": error400(() => `{"error":{"message":${listOf(0.2, "[]")}}}`),
  "a whole completion in 40 MB": many(40, () => chunk({ content: megabytes(1, "x") })),
  "40 MB of reasoning": many(40, () => chunk({ reasoning: megabytes(1, "x") })),
  "40 MB of another field": many(40, () => chunk({ content: "a", other: megabytes(1, "x") })),
  "a good answer of 3 MB": made(() => ({ content: megabytes(3, "word ") })),
  "an answer with odd usage": json({
    ...completion({ role: "assistant", content: "a" }),
    usage: { ...usage, prompt_tokens_details: Array.from({ length: 1e5 }, () => ({})) },
  }),
};
