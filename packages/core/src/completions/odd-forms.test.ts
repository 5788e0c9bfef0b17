import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { chunk, completion, done, helloStream, usageChunk } from "./__fixtures__/completions.ts";
import { failureOf, readLive, sendBody, start, textOf } from "./__fixtures__/exchange.ts";
import { sendEvents, sendJson } from "./__fixtures__/loopback.ts";

const chunks = helloStream.filter((event) => typeof event !== "string");
const lines = chunks.map((event) => JSON.stringify(event));
const events = lines.map((line) => `data: ${line}\n\n`).join("");
const answer = completion();
const document = JSON.stringify(answer);
const older = (part: { choices: readonly object[] }): object => ({
  ...part,
  choices: part.choices.map((choice) => {
    const { delta, message, ...rest } = choice as Record<string, { content?: string }>;
    return { ...rest, text: (delta ?? message)?.content ?? "" };
  }),
});
const ollama = (said: object, isDone: boolean) =>
  JSON.stringify({
    model: "llama",
    ...said,
    done: isDone,
    done_reason: isDone ? "stop" : undefined,
  });
const wrapped = (wrap: (part: object) => object) =>
  chunks.map((part) => `data: ${JSON.stringify(wrap(part as object))}\n\n`).join("");

describe("what can be read in one way is read:", () => {
  test.each([
    ["JSON lines", lines.join("\n")],
    ["JSON lines that end in CRLF", `${lines.join("\r\n")}\r\n`],
    ["JSON lines with an end of the stream", `${lines.join("\n")}\n[DONE]\n`],
    ["JSON lines with empty lines between", `\n${lines.join("\n\n")}\n\n`],
    ["chunks one after the other", lines.join("")],
    ["chunks in a list", `[${lines.join(",\n")}]`],
    ["several chunks in one event", `data: ${lines.join("")}\n\n`],
    ["chunks with a comma after each", events.replaceAll("}\n\n", "},\n\n")],
    ["[done] in small letters", `${events}data: [done]\n\nnonsense`],
    ["done with spaces", `${events}data: [ Done ] \n\ndata: nonsense\n\n`],
    ["pings", events.replaceAll("data:", "data: ping\n\ndata: null\n\ndata: keep-alive\n\ndata:")],
    ["events with byte order marks", events.replaceAll("data: ", "data: \uFEFF")],
    ["a stream of older choices", wrapped((part) => older(part as never))],
    ["an older choice", JSON.stringify(older(answer))],
    ["chunks in { data }", wrapped((data) => ({ code: 0, msg: "ok", data }))],
    ["{ data }", JSON.stringify({ code: 200, message: "success", data: answer })],
    ["{ result }", JSON.stringify({ success: true, errors: [], result: answer })],
    ["{ response }", JSON.stringify({ status: "ok", response: answer })],
    ["{ data: { result } }", JSON.stringify({ data: { result: answer } })],
    ["{ data } with a list", JSON.stringify({ data: [answer] })],
    ["{ body } with a text", JSON.stringify({ statusCode: 200, body: document })],
    [
      "{ result: { response } } with a text",
      '{"result":{"response":"Hello there"},"success":true}',
    ],
    ["{ response } with a text", '{"response":"Hello there","done":true}'],
    ["Ollama's message", ollama({ message: { role: "assistant", content: "Hello there" } }, true)],
    [
      "Ollama's messages",
      [
        ollama({ message: { content: "Hello" } }, false),
        ollama({ message: { content: " there" } }, true),
      ].join("\n"),
    ],
    [
      "Ollama's texts",
      [ollama({ response: "Hello" }, false), ollama({ response: " there" }, true)].join("\n"),
    ],
    ["a script after the document", `${document}<script>track()</script>`],
    ["a bracket too many", `${document}}`],
    ["zeros after the document", `${document}\0\0\0`],
    ["an empty object after the document", `${document}\n{}`],
  ])("%s", async (_, body) => {
    await using t = await start((response) => sendBody(response, body));
    const { completion: whole } = await t.whole();
    expect(whole.choices[0]?.message.content).toBe("Hello there");
    expect(textOf(await readLive(t.live()))).toBe("Hello there");
  });

  test("JSON lines as they arrive", async () => {
    const next = Promise.withResolvers<void>();
    await using t = await start((response) => {
      response.write(`${JSON.stringify(chunk({ content: "Hello" }))}\n`);
      void next.promise.then(() => response.end(`${JSON.stringify(chunk({}, "stop"))}\n`));
    });
    const stream = await t.live();
    expect(textOf((await stream.read()) ?? [])).toBe("Hello");
    next.resolve();
    while (await stream.read());
  });

  test("the counts of Ollama", async () => {
    const body = { message: { content: "Hi" }, done: true, prompt_eval_count: 7, eval_count: 3 };
    await using t = await start((response) => sendJson(response, body));
    expect((await t.whole()).metadata.usage).toMatchObject({
      promptTokens: 7,
      completionTokens: 3,
    });
  });
});

describe("several entries of one choice in a chunk", () => {
  const halves = [
    { index: 0, delta: { content: "Hel", reasoning: "a" }, finish_reason: null },
    { index: 0, delta: { content: "lo", reasoning: "b" }, finish_reason: null },
  ];
  const call = (id: string) => ({
    delta: { tool_calls: [{ index: Number(id), id, function: { name: "f", arguments: "{}" } }] },
    finish_reason: null,
  });

  test("are one, whole and streamed", async () => {
    const streamed = [chunk({}, null, { choices: halves }), chunk({}, "stop"), usageChunk, done];
    await using t = await start((response) => void sendEvents(response, streamed).end());
    const { message } = (await t.whole()).completion.choices[0] ?? {};
    expect(message).toMatchObject({ content: "Hello", reasoning: "ab" });
    const read = await readLive(t.live());
    expect(read.map(({ choices }) => choices.length)).toEqual([1, 1, 0]);
    expect(textOf(read)).toBe("Hello");
  });

  test("keep all their tool calls", async () => {
    const streamed = [
      chunk({}, null, { choices: [call("0"), call("1")] }),
      chunk({}, "stop"),
      done,
    ];
    await using t = await start((response) => void sendEvents(response, streamed).end());
    const { message } = (await t.whole()).completion.choices[0] ?? {};
    expect(message?.tool_calls?.map(({ id }) => id)).toEqual(["0", "1"]);
    const read = await readLive(t.live());
    expect(read[0]?.choices[0]?.delta.tool_calls).toHaveLength(2);
  });

  test("of several choices are separated", async () => {
    const choices = [...halves, { ...halves[0], index: 1 }];
    const streamed = [chunk({}, null, { choices }), chunk({}, "stop"), done];
    await using t = await start((response) => void sendEvents(response, streamed).end(), {});
    const texts = (await t.whole()).completion.choices.map(({ message }) => message.content);
    expect(texts).toEqual(["Hello", "Hel"]);
  });
});

describe("what can be read in more than one way is not:", () => {
  test.each([
    ["two answers", `${document}${document}`],
    ["an answer that is cut off", document.slice(0, -9)],
    ["a list of answers", JSON.stringify([answer, answer])],
    ["an envelope without an answer", '{"data":{"text":1}}'],
    ["any object with something after it", '{"a":1}nonsense'],
    ["an event with nonsense before", `data: x${lines[0]}\n\n`],
  ])("%s", async (_, body) => {
    await using t = await start((response) => sendBody(response, body));
    for (const work of [t.whole(), readLive(t.live())]) {
      expect((await failureOf(work)).kind).toBe("invalid_response_error");
    }
  });
});

const gzip = zlib.gzipSync(document);
const withScript = (body: Buffer) => Buffer.concat([body, Buffer.from("\n<script>")]);
const encoded: [string, string | undefined, Buffer][] = [
  ["JSON that is called gzip", "gzip", Buffer.from(document)],
  ["events that are called Brotli", "br", Buffer.from(events)],
  ["JSON that is called deflate", "deflate", Buffer.from(` ${document}`)],
  ["JSON that is called Zstandard", "zstd", Buffer.from(document)],
  ["gzip without a label", undefined, gzip],
  ["gzip that is called identity", "identity", gzip],
  ["Zstandard without a label", undefined, zlib.zstdCompressSync(events)],
  ["deflate without a label", undefined, zlib.deflateSync(document)],
  ["gzip with something after it", "gzip", withScript(gzip)],
  [
    "gzip of two members",
    "gzip",
    Buffer.concat([zlib.gzipSync(events.slice(0, 99)), zlib.gzipSync(events.slice(99))]),
  ],
  ["Brotli with something after it", "br", withScript(zlib.brotliCompressSync(document))],
  ["deflate with something after it", "deflate", withScript(zlib.deflateSync(document))],
  ["Zstandard with something after it", "zstd", withScript(zlib.zstdCompressSync(document))],
];

describe("a body with a wrong content-encoding is read:", () => {
  test.each(encoded)("%s", async (_, header, body) => {
    for (const size of [1, body.byteLength]) {
      await using t = await start((response) => {
        response.writeHead(200, header === undefined ? {} : { "content-encoding": header });
        for (let at = 0; at < body.byteLength; at += size)
          response.write(body.subarray(at, at + size));
        response.end();
      });
      expect((await t.whole()).completion.choices[0]?.message.content).toBe("Hello there");
    }
  });

  test("the error of a status, as gzip without a label", async () => {
    await using t = await start((response) => {
      response.writeHead(429).end(zlib.gzipSync('{"error":{"message":"Slow down"}}'));
    });
    expect(await failureOf(t.whole())).toMatchObject({ message: "Slow down" });
  });
});

describe("a finish reason of another API", () => {
  test.each([
    ["STOP", "stop"],
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["eos", "stop"],
    ["eos_token", "stop"],
    ["COMPLETE", "stop"],
    ["MAX_TOKENS", "length"],
    ["FINISH_REASON_MAX_TOKENS", "length"],
    ["FinishReason.STOP", "stop"],
    ["max_tokens", "length"],
    ["model_length", "length"],
    ["tool_use", "tool_calls"],
    ["TOOL_CALL", "tool_calls"],
    ["own_word", "own_word"],
  ])("%s is %s", async (given, reason) => {
    const choice = { finish_reason: given };
    await using t = await start((response) => sendJson(response, completion(choice)));
    const { completion: whole, metadata } = await t.whole();
    expect(whole.choices[0]).toMatchObject(
      choice.finish_reason === reason
        ? choice
        : { finish_reason: reason, native_finish_reason: given },
    );
    expect(metadata.finishReason).toBe(reason);
    const streamed = [chunk({ content: "Hi" }), chunk({}, given), usageChunk, done];
    await using s = await start((response) => void sendEvents(response, streamed).end());
    expect((await s.whole()).metadata.finishReason).toBe(reason);
    const read = await readLive(s.live());
    expect(read.flatMap(({ choices }) => choices).at(-1)?.finish_reason).toBe(reason);
  });

  test.each([
    ["SAFETY", "permission_error", "content_filter"],
    ["RECITATION", "permission_error", "content_filter"],
    ["BLOCKLIST", "permission_error", "content_filter"],
    ["PROHIBITED_CONTENT", "permission_error", "content_filter"],
    ["guardrail_intervened", "permission_error", "content_filter"],
    ["MAX_TOKENS", "invalid_response_error", "truncated"],
    ["length", "invalid_response_error", "truncated"],
    ["end_turn", "invalid_response_error", "empty"],
    ["insufficient_system_resource", "service_error", undefined],
    ["abort", "service_error", undefined],
    ["MALFORMED_FUNCTION_CALL", "invalid_response_error", "broken_call"],
  ])("%s without content is %s, %s", async (given, kind, reason) => {
    const nothing = { message: { role: "assistant", content: "" }, finish_reason: given };
    await using t = await start((response) => sendJson(response, completion(nothing)));
    const streamed = [chunk({ role: "assistant" }), chunk({}, given), usageChunk, done];
    await using s = await start((response) => void sendEvents(response, streamed).end());
    for (const work of [t.whole(), s.whole(), readLive(s.live())]) {
      const { details } = await failureOf(work);
      expect([details.kind, details.reason]).toEqual([kind, reason]);
    }
  });

  test("in the provider's own word alone is the reason of an empty answer", async () => {
    const nothing = { finish_reason: "stop", native_finish_reason: "SAFETY" };
    const body = completion({ ...nothing, message: { role: "assistant", content: "" } });
    await using t = await start((response) => sendJson(response, body));
    expect((await failureOf(t.whole())).details.reason).toBe("content_filter");
  });

  test.each(["null", "not_finished", "FINISH_REASON_UNSPECIFIED"])(
    "%s in each chunk does not end the answer",
    async (given) => {
      const streamed = [
        chunk({ content: "He" }, given),
        chunk({ content: "llo" }, given),
        chunk({}, "STOP"),
        done,
      ];
      await using t = await start((response) => void sendEvents(response, streamed).end());
      expect((await t.whole()).completion.choices[0]?.message.content).toBe("Hello");
    },
  );
});
