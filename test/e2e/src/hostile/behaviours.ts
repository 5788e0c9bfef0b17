import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { heavyBehaviours } from "./heavy-behaviours.ts";
import { flood, type Respond } from "./raw-server.ts";
import {
  bytes,
  chunk,
  completion,
  event,
  events,
  head,
  json,
  lastChunk,
  message,
  openEvents,
  send,
  toolCall,
  usage,
} from "./wire.ts";

let gzipBomb: Buffer | undefined;
let brotliBomb: Buffer | undefined;
const compressFast = (data: Buffer): Buffer =>
  brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } });

const mebibyte = "x".repeat(2 ** 20);
const never: Respond = () => undefined;
const whole = (body: unknown): Respond => json(completion(body));
const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const deepObject = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

/** Endless pieces after a head. */
const endless =
  (first: string, ...pieces: readonly (string | Buffer)[]): Respond =>
  async (socket) => {
    socket.write(first);
    await flood(socket, () => pieces);
  };
const jsonHead = head(200, { "content-type": "application/json", connection: "close" });
const eventsHead = head(200, { "content-type": "text/event-stream", connection: "close" });
const errorHead = head(500, { "content-type": "application/json", connection: "close" });

const redirect = (status: number, location?: string): Respond =>
  json("moved", { status, headers: location === undefined ? {} : { location } });

const refusal = (status: number, error: object, headers = {}): Respond =>
  json({ error: { code: status, ...error } }, { status, headers });

const echo: Respond = (socket, { headers }) =>
  send(socket, JSON.stringify({ error: { code: 500, message: [...headers.values()].join(" ") } }), {
    status: 500,
  });
const echoIn200: Respond = (socket, { headers }) =>
  send(socket, JSON.stringify({ error: { message: [...headers.values()].join(" ") } }));
const echoInStream: Respond = (socket, { headers }) => {
  const key = headers.get("authorization") ?? "";
  const error = { code: 502, message: key, metadata: { provider_name: key, raw: key } };
  openEvents(socket);
  socket.end(event(chunk({ content: "a" })) + event({ ...chunk({}, "error"), error }));
};
const echoEncoded: Respond = (socket, { headers }) => {
  const key = (headers.get("authorization") ?? "").replace("Bearer ", "");
  const forms = [encodeURIComponent(key), Buffer.from(key).toString("base64")];
  send(socket, JSON.stringify({ error: { code: 503, message: forms.join(" "), key } }), {
    status: 503,
  });
};
const echoInModel: Respond = (socket, { headers, isStream }) => {
  const key = headers.get("authorization") ?? "";
  const fields = { id: key, model: key, provider: key };
  if (!isStream)
    return send(socket, JSON.stringify({ ...completion({ content: "a" }), ...fields }));
  openEvents(socket);
  socket.end(event({ ...chunk({ content: "a" }), ...fields }) + event({ ...lastChunk, ...fields }));
};

/** Writes a piece at each interval until the client closes the connection. */
const drip =
  (first: string, piece: string): Respond =>
  (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(piece), 20);
    socket.on("close", () => clearInterval(timer));
  };

/** A first answer that is cut off, and look-ups that misbehave. */
const lookUp =
  (respond: Respond): Respond =>
  (socket, request) => {
    if (request.method === "GET") return respond(socket, request);
    const headers = { "x-generation-id": "gen-1", "content-type": "text/event-stream" };
    socket.write(head(200, headers));
    socket.end(event(chunk({ content: "a" })));
  };

const manyCalls = (count: number): readonly object[] =>
  Array.from({ length: count }, (_, index) => toolCall("{}", index));

/** What a hostile or broken server may answer, by name: one line a behaviour. */
export const behaviours: Readonly<Record<string, Respond>> = {
  ...heavyBehaviours,
  // The connection and HTTP.
  "close at once": (socket) => socket.destroy(),
  "end at once": (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
  "not HTTP": bytes("SSH-2.0-OpenSSH_9.0\r\n"),
  "a status line without a version": bytes("200 OK\r\n\r\n{}"),
  "status 999": json({}, { status: 999 }),
  "status 000": json({}, { status: 0 }),
  "status 204": bytes(head(204)),
  "status 304": bytes(head(304)),
  "status 101": bytes(head(101, { upgrade: "websocket", connection: "upgrade" })),
  "endless 100 Continue": endless("", "HTTP/1.1 100 Continue\r\n\r\n"),
  "endless headers": endless("HTTP/1.1 200 OK\r\n", `x-a: ${"a".repeat(1000)}\r\n`),
  "a header of a megabyte": bytes(head(200, { "x-a": mebibyte })),
  "a header with control characters": bytes("HTTP/1.1 200 OK\r\nx-a: \u0000\u001b[2J\r\n\r\n{}"),
  "a negative length": bytes(head(200, { "content-length": -5 }) + "{}"),
  "two lengths": bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}"),
  "a length beyond the body": bytes(`${head(200, { "content-length": 5000 })}{"id":`),
  "a length within the body": json(completion({ content: "a" }), {
    headers: { "content-length": 9 },
  }),
  "a broken chunk size": bytes(`${head(200, { "transfer-encoding": "chunked" })}zz\r\n{}\r\n`),
  "a huge chunk size": bytes(
    `${head(200, { "transfer-encoding": "chunked" })}FFFFFFFFFFFFFFFFF\r\n{}`,
  ),
  "chunks without an end": bytes(`${head(200, { "transfer-encoding": "chunked" })}2\r\n{}\r\n`),
  "endless trailers": endless(
    `${head(200, { "transfer-encoding": "chunked" })}2\r\n{}\r\n0\r\n`,
    `x-a: ${"a".repeat(1000)}\r\n`,
  ),
  "a second answer after the first": (socket) => {
    send(socket, JSON.stringify(completion({ role: "assistant", content: "one" })));
    send(socket, JSON.stringify(completion({ role: "assistant", content: "two" })));
  },
  // Redirects.
  "301 to another origin": redirect(301, "http://127.0.0.1:1/steal"),
  "302 to another origin": redirect(302, "http://127.0.0.1:1/steal"),
  "303 to another origin": redirect(303, "https://other.invalid/"),
  "307 to another origin": redirect(307, "http://127.0.0.1:1/steal"),
  "308 without a target": redirect(308),
  "307 to javascript": redirect(307, "javascript:alert(1)"),
  "307 to a megabyte": redirect(307, `/${"a".repeat(10_000)}`),
  // Time.
  silence: never,
  "silence after the head": (socket) => socket.write(eventsHead),
  "silence after a token": (socket) => socket.write(eventsHead + event(chunk({ content: "a" }))),
  "a byte at a time": drip(jsonHead, " "),
  "a comment at a time": drip(eventsHead, ": OPENROUTER PROCESSING\n\n"),
  "an empty delta at a time": drip(eventsHead, event(chunk({}))),
  // Size.
  "endless spaces": endless(jsonHead, " ".repeat(2 ** 16)),
  "an endless JSON text": endless(`${jsonHead}{"id":"`, mebibyte),
  "an endless JSON array": endless(`${jsonHead}{"id":[`, "1,".repeat(2 ** 15)),
  "endless comments": endless(eventsHead, `: ${"x".repeat(1000)}\n\n`),
  "an endless line": endless(`${eventsHead}data: `, mebibyte),
  "an endless event": endless(eventsHead, "data: x\n".repeat(1000)),
  "endless empty events": endless(eventsHead, event("{}").repeat(1000)),
  "endless deltas of a megabyte": endless(eventsHead, event(chunk({ content: mebibyte }))),
  "endless tokens": endless(eventsHead, event(chunk({ content: "a " })).repeat(100)),
  "endless reasoning": endless(eventsHead, event(chunk({ reasoning: "a " })).repeat(100)),
  "an answer of 100 MB": async (socket) => {
    socket.write(jsonHead);
    let left = 100;
    await flood(socket, function* () {
      while (left-- > 0) yield mebibyte;
      socket.end();
    });
  },
  "an error of 50 MB": async (socket) => {
    socket.write(errorHead);
    let left = 50;
    await flood(socket, function* () {
      while (left-- > 0) yield mebibyte;
      socket.end();
    });
  },
  "an endless error": endless(errorHead, "x".repeat(2 ** 16)),
  "a gzip bomb": (socket) => {
    const body = (gzipBomb ??= gzipSync(Buffer.alloc(200 * 2 ** 20, 0x20)));
    send(socket, body, { headers: { "content-encoding": "gzip" } });
  },
  "a brotli bomb": (socket) => {
    const body = (brotliBomb ??= compressFast(Buffer.alloc(100 * 2 ** 20, 0x20)));
    send(socket, body, { headers: { "content-encoding": "br" } });
  },
  "gzip that is none": json(completion({ content: "a" }), {
    headers: { "content-encoding": "gzip" },
  }),
  "gzip a thousand times": json("{}", {
    headers: { "content-encoding": Array.from({ length: 1000 }, () => "gzip").join(",") },
  }),
  "an unknown encoding": json("{}", { headers: { "content-encoding": "rot13" } }),
  // JSON.
  "an empty body": json(""),
  null: json("null"),
  "a number": json("5"),
  "an array": json("[]"),
  "a text": json('"x"'),
  HTML: json("<!doctype html><title>Sign in</title>", { headers: { "content-type": "text/html" } }),
  "half a document": json('{"choices":[{"message":{"content":"a'),
  "a million arrays": json(deep(1_000_000)),
  "a million objects in an answer": json(
    `{"choices":[{"message":{"content":"a"}}],"x":${deepObject(1_000_000)}}`,
  ),
  "2,000 objects in an answer": json(
    `{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"a","reasoning_details":[${deepObject(2000)}]}}]}`,
  ),
  "a million arrays in an event": events(
    `{"choices":[{"index":0,"delta":{"content":"a","x":${deep(1_000_000)}}}]}`,
  ),
  "a million arrays in an error": json(
    `{"error":{"code":500,"message":"a","metadata":${deepObject(1_000_000)}}}`,
    { status: 500 },
  ),
  "invalid UTF-8": json(
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xc0, 0x22, 0x3a, 0x31, 0x7d]).toString("latin1"),
  ),
  "__proto__ in a message": json(
    '{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"a","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}]}',
  ),
  // Wrong types.
  "no choices": json({ id: "gen-1", usage }),
  "choices null": json({ choices: null }),
  "choices of null": json({ choices: [null] }),
  "choices an object": json({ choices: {} }),
  "choices a text": json({ choices: "x" }),
  "a message that is a text": whole("x"),
  "a message that is null": whole(null),
  "a message that is an array": whole([]),
  "content an object": message({ role: "assistant", content: { a: 1 } }),
  "content a number": message({ role: "assistant", content: 5 }),
  "content an array of null": message({ role: "assistant", content: [null] }),
  "a role that is an object": message({ role: {}, content: "a" }),
  "a finish that is a number": message({ role: "assistant", content: "a" }, 5),
  "a delta that is a number": events(chunk(5), lastChunk, "[DONE]"),
  "a delta that is null": events(chunk(null), lastChunk, "[DONE]"),
  "a delta that is an array": events(chunk(["a"]), lastChunk, "[DONE]"),
  "events of null": events(null, "null", { choices: [null] }, "[DONE]"),
  "an index of text": events({ choices: [{ index: "a", delta: { content: "a" } }] }, lastChunk),
  "an index of 4 billion": events(
    { choices: [{ index: 4294967295, delta: { content: "a" } }] },
    lastChunk,
  ),
  "a negative index": events({ choices: [{ index: -1, delta: { content: "a" } }] }, lastChunk),
  "usage of anything": json({
    ...completion({ role: "assistant", content: "a" }),
    usage: { prompt_tokens: "NaN", completion_tokens: -1e308, cost: "∞", prompt_tokens_details: 5 },
  }),
  "ids of anything": json({
    ...completion({ role: "assistant", content: "a" }),
    id: {},
    model: [],
    provider: 5,
  }),
  // Tool calls.
  "tool calls of null": message({ role: "assistant", tool_calls: [null] }),
  "tool calls a text": message({ role: "assistant", tool_calls: "x" }),
  "tool calls an object": message({ role: "assistant", tool_calls: { "0": toolCall("{}") } }),
  "a tool call without a function": message({
    role: "assistant",
    tool_calls: [{ id: "a", index: 0 }],
  }),
  "a tool call whose function is null": message({
    role: "assistant",
    tool_calls: [{ id: "a", index: 0, function: null }],
  }),
  "a tool call without a name": message({
    role: "assistant",
    tool_calls: [{ id: "a", index: 0, function: { arguments: "{}" } }],
  }),
  "arguments that are an object": message({
    role: "assistant",
    tool_calls: [toolCall({ query: "a" })],
  }),
  "arguments that are not JSON": message({ role: "assistant", tool_calls: [toolCall("{query:")] }),
  "arguments of 2,000 levels": message({
    role: "assistant",
    tool_calls: [toolCall(deepObject(2000))],
  }),
  "arguments of a million levels": message({
    role: "assistant",
    tool_calls: [toolCall(deep(1_000_000))],
  }),
  "8,000 tool calls": message({ role: "assistant", tool_calls: manyCalls(8000) }),
  "8,000 tool calls in 8,000 deltas": (socket) => {
    openEvents(socket);
    for (const call of manyCalls(8000)) socket.write(event(chunk({ tool_calls: [call] })));
    socket.end(event({ ...chunk({}, "tool_calls"), usage }));
  },
  "arguments in 20,000 deltas": (socket) => {
    openEvents(socket);
    socket.write(event(chunk({ tool_calls: [toolCall('{"query":"')] })));
    const piece = { index: 0, function: { arguments: "a" } };
    socket.write(event(chunk({ tool_calls: [piece] })).repeat(20_000));
    socket.end(
      event(chunk({ tool_calls: [{ ...piece, function: { arguments: '"}' } }] })) +
        event({ ...chunk({}, "tool_calls"), usage }),
    );
  },
  "a tool that does not exist": message({
    role: "assistant",
    tool_calls: [{ ...toolCall("{}"), function: { name: "rm -rf", arguments: "{}" } }],
  }),
  // Streams.
  "100,000 deltas": (socket) => {
    openEvents(socket);
    socket.write(event(chunk({ content: "a" })).repeat(100_000));
    socket.end(event(lastChunk));
  },
  "100,000 deltas with lists": (socket) => {
    openEvents(socket);
    const part = {
      content: "a",
      annotations: [{ type: "url" }],
      reasoning_details: [{ type: "x", text: "a" }],
    };
    socket.write(event(chunk(part)).repeat(20_000));
    socket.end(event(lastChunk));
  },
  "only the end": events("[DONE]"),
  "the end first": events("[DONE]", chunk({ content: "a" }), lastChunk),
  "no end": events(chunk({ content: "a" })),
  "a reset after a token": (socket) => {
    openEvents(socket);
    socket.write(event(chunk({ content: "a" })), () => socket.resetAndDestroy());
  },
  "half an event": (socket) => socket.end(`${eventsHead}data: {"choices":[{"del`),
  "a stream of nothing": bytes(eventsHead),
  "events that are not JSON": events(chunk({ content: "a" }), "{not json", lastChunk),
  "lone surrogates": bytes(
    `${eventsHead}data: {"choices":[{"index":0,"delta":{"content":"\\ud800 \\udc00 \\ud800"}}]}\n\n${event(lastChunk)}`,
  ),
  "NUL and escapes in the text": message({ role: "assistant", content: "a\u0000b\u001b[2J\u202e" }),
  // Errors.
  "an error in a 200": json({ error: { code: 429, message: "Provider returned error" } }),
  "an error in a stream": events(chunk({ content: "a" }), {
    ...chunk({}, "error"),
    error: { code: 502, message: "down" },
  }),
  "an error that is a text": json({ error: "down" }, { status: 500 }),
  "an error that is an array": json({ error: ["down"] }, { status: 500 }),
  "an error whose message is an object": json(
    { error: { message: { a: 1 }, code: {} } },
    { status: 400 },
  ),
  "an error of terminal escapes": refusal(500, {
    message: "\u001b[2J\u001b]0;owned\u0007\r\nINFO all is well \u202e",
  }),
  "errors in errors": json(
    {
      error: {
        message: JSON.stringify({
          error: { message: JSON.stringify({ error: { message: "x" } }) },
        }),
      },
    },
    { status: 500 },
  ),
  "429 for 30 years": refusal(429, { message: "Rate limit exceeded" }, { "retry-after": 1e9 }),
  "429 for 400 digits": refusal(
    429,
    { message: "Rate limit exceeded" },
    { "retry-after": "9".repeat(400) },
  ),
  "429 until 9999": refusal(
    429,
    { message: "Rate limit exceeded" },
    { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" },
  ),
  "429 with a far reset": refusal(429, {
    message: "Rate limit exceeded",
    metadata: { headers: { "X-RateLimit-Reset": "253402300799000" } },
  }),
  "429 with a body that waits": refusal(429, {
    message: "Rate limit exceeded",
    metadata: { retry_after_seconds: 1e300 },
  }),
  "a day's quota for 30 years": refusal(
    429,
    { message: "Rate limit exceeded: free-models-per-day" },
    { "retry-after": 1e9 },
  ),
  "402 that affords -1": refusal(402, {
    message: "You can only afford 99999999999999999999 tokens",
  }),
  "an error that quotes the key": echo,
  "an error in a 200 that quotes the key": echoIn200,
  "an error in a stream that quotes the key": echoInStream,
  "an error that quotes the key encoded": echoEncoded,
  "ids that quote the key": echoInModel,
  // Look-ups.
  "an endless GET": lookUp(endless(`${jsonHead}{"data":[`, mebibyte)),
  "a GET of a million arrays": lookUp(json(deep(1_000_000))),
  "a GET that redirects": lookUp(redirect(307, "http://127.0.0.1:1/steal")),
  "a GET of anything": lookUp(json({ data: { total_cost: "x", tokens_prompt: {} } })),
};
