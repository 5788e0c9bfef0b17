import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import * as bodies from "../errors/__fixtures__/error-bodies.ts";
import { ModelError } from "../errors/model-error.ts";
import {
  chunk,
  completion,
  done,
  helloStream,
  keepAlive,
  usage,
  usageChunk,
  wireUsage,
} from "./__fixtures__/completions.ts";
import {
  failureOf,
  readAll,
  readLive,
  request,
  start,
  textOf,
  transports,
} from "./__fixtures__/exchange.ts";
import { failingStreams } from "./__fixtures__/failing-streams.ts";
import { sendEvents, sendJson } from "./__fixtures__/loopback.ts";
import type { RequestEnd } from "./request-end.ts";
import { unreadableMark } from "./tool-calls/streamed-arguments.ts";

const stop = (response: ServerResponse) => void response.end();
const write = (response: ServerResponse, ...chunks: object[]) => {
  for (const each of chunks) response.write(`data: ${JSON.stringify(each)}\n\n`);
};

describe("a stream", () => {
  test("passes its chunks on, and has their metadata at the end", async () => {
    await using t = await start((response) => stop(sendEvents(response, helloStream)));
    const stream = await t.live();
    expect(stream.kind).toBe("stream");
    const chunks = await readAll(stream);
    expect(textOf(chunks)).toBe("Hello there");
    expect(chunks).toEqual(helloStream.filter((event) => typeof event !== "string"));
    expect(stream.metadata).toEqual({
      status: 200,
      generationId: "gen-1",
      finishReason: "stop",
      servedModel: "openai/gpt-4o-2024-11-20",
      provider: "OpenAI",
      usage,
      costSource: "server",
      firstTokenAt: t.clock.now(),
    });
    expect(t.server.received[0]?.body).toEqual({ ...request, stream: true });
  });

  test.each([
    ["text", { content: "Hello" }],
    ["reasoning alone", { reasoning: "Let me see." }],
    ["reasoning under another name", { reasoning_content: "Let me see." }],
    ["a tool call", { tool_calls: [{ index: 0, id: "call-1", function: { name: "search" } }] }],
  ])("opens at its first token: %s", async (_, delta) => {
    let server: ServerResponse | undefined;
    await using t = await start((response) => {
      server = response;
      sendEvents(response, [keepAlive, chunk({ role: "assistant", content: "" }), chunk(delta)]);
    });
    const stream = await t.live();
    expect(stream.metadata.firstTokenAt).toBe(t.clock.now());
    expect((await stream.read())?.at(-1)?.choices[0]?.delta).toMatchObject(delta);
    if (server) write(server, chunk({ content: "!" }), chunk({}, "stop"), usageChunk);
    expect(textOf(await readAll(stream))).toBe("!");
  });

  test("does not open at a role, an empty piece or a comment", async () => {
    let server: ServerResponse | undefined;
    await using t = await start((response) => {
      server = response;
      sendEvents(response, [chunk({ role: "assistant" }), chunk({ content: "" }), keepAlive]);
    });
    let isOpen = false;
    const opening = t.live().finally(() => (isOpen = true));
    await expect.poll(() => server?.writableLength).toBe(0);
    expect(isOpen).toBe(false);
    if (server) write(server, chunk({ content: "Hello" }));
    const stream = await opening;
    expect(textOf((await stream.read()) ?? [])).toBe("Hello");
    await stream.leave();
  });

  test("yields one piece at a time if they arrive separately", async () => {
    let server: ServerResponse | undefined;
    await using t = await start((response) => {
      server = response;
      sendEvents(response, [chunk({ content: "a" })]);
    });
    const stream = await t.live();
    expect(await stream.read()).toEqual([chunk({ content: "a" })]);
    if (server) write(server, chunk({ content: "b" }));
    expect(await stream.read()).toEqual([chunk({ content: "b" })]);
    await stream.leave();
  });

  test.each([
    [
      "on a chunk with a choice",
      [chunk({ content: "Hello" }), chunk({}, "stop"), chunk({}, null, { usage: wireUsage }), done],
    ],
    [
      "before the finish",
      [chunk({ content: "Hello" }, null, { usage: wireUsage }), chunk({}, "stop"), done],
    ],
    [
      "as it is produced, and at the end",
      [
        chunk({ content: "Hello" }, null, { usage: { ...wireUsage, completion_tokens: 1 } }),
        chunk({}, "stop"),
        usageChunk,
        done,
      ],
    ],
  ])("has the usage that came %s", async (_, events) => {
    await using t = await start((response) => stop(sendEvents(response, events)));
    const stream = await t.live();
    await readAll(stream);
    expect(stream.metadata.usage).toEqual(usage);
  });

  test("ends with its usage, though the server sends more or does not end it", async () => {
    await using t = await start((response) => {
      sendEvents(response, [
        chunk({ content: "Hello" }),
        chunk({}, "stop"),
        usageChunk,
        chunk({ content: " again" }),
      ]);
    });
    expect(textOf(await readLive(t.live()))).toBe("Hello");
    await t.clock.advance(1000);
    await t.server.received[0]?.closed;
  });

  const finishWithUsage = [
    chunk({ content: "Hello" }),
    chunk({}, "stop", { usage: wireUsage }),
  ] as const;

  test.each(["stays open", "is reset"])(
    "ends at a finish that has the usage, where the connection %s",
    async (what) => {
      await using t = await start((response) => {
        sendEvents(response, [...finishWithUsage]);
        if (what === "is reset") setImmediate(() => response.socket?.resetAndDestroy());
      });
      const stream = await t.live();
      expect(textOf(await readAll(stream))).toBe("Hello");
      expect(stream.metadata.usage).toEqual(usage);
      const { completion: whole } = await t.whole();
      expect(whole.choices[0]?.message.content).toBe("Hello");
    },
  );

  test("ends where the connection breaks after the finish and a usage without its price", async () => {
    const { cost: _, ...unpriced } = wireUsage;
    let server: ServerResponse | undefined;
    await using t = await start((response) => {
      server = response;
      sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop", { usage: unpriced })]);
    });
    const stream = await t.live();
    const chunks = [...((await stream.read()) ?? [])];
    while (!chunks.some(({ choices }) => choices[0]?.finish_reason)) {
      chunks.push(...((await stream.read()) ?? []));
    }
    server?.socket?.resetAndDestroy();
    expect(await stream.read()).toBeUndefined();
    expect(stream.metadata.usage).toBeDefined();
  });

  test("ends where the connection breaks after the finish, before any usage", async () => {
    await using t = await start((response) => {
      sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop")]);
      setImmediate(() => response.socket?.resetAndDestroy());
    });
    const stream = await t.live();
    expect(textOf(await readAll(stream))).toBe("Hello");
    expect(await stream.metadata.lateUsage).toBeUndefined();
    const { completion: whole } = await t.whole();
    expect(whole.choices[0]?.message.content).toBe("Hello");
  });

  test("waits a second for usage after the finish", async () => {
    await using t = await start((response) => {
      sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop")]);
    });
    let isOver = false;
    const reading = readLive(t.live()).finally(() => (isOver = true));
    await expect.poll(() => t.clock.sleeping).toBe(1);
    await t.clock.advance(999);
    expect(isOver).toBe(false);
    await t.clock.advance(1);
    expect(textOf(await reading)).toBe("Hello");
  });

  test.each([
    ["JSON in JSON", JSON.stringify({ claims: '[{"id":1}]' }), '{"claims":[{"id":1}]}'],
    ["half of them", '{"claims":[1', `{"claims":[1${unreadableMark}`],
    ["none", "", "{}"],
  ])("yields all arguments if no finish_reason arrives: %s", async (_, args, read) => {
    const parameters = { type: "object", properties: { claims: { type: "array" } } };
    const tools = [{ type: "function" as const, function: { name: "search", parameters } }];
    const call = { index: 0, id: "call-1", function: { name: "search", arguments: args } };
    await using t = await start(
      (response) => stop(sendEvents(response, [chunk({ tool_calls: [call] }), usageChunk])),
      { request: { ...request, tools } },
    );
    const chunks = await readLive(t.live());
    const calls = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(calls.map((each) => each.function?.arguments).join("")).toBe(read);
  });

  test("joins the pieces of long arguments, so that few are read again with each of them", async () => {
    const calls = (...args: string[]) =>
      chunk({
        role: "assistant",
        content: "",
        tool_calls: args.map((each, index) => ({
          index,
          ...(each.startsWith("{") ? { id: `call-${index}` } : {}),
          function: { ...(each.startsWith("{") ? { name: "search" } : {}), arguments: each },
        })),
      });
    const opening = calls('{"query":"', '{"query":"');
    const pieces = Array.from({ length: 20_000 }, () => calls("abcde", "fghij"));
    await using t = await start((response) => {
      stop(
        sendEvents(response, [
          opening,
          ...pieces,
          calls('"}', '"}'),
          chunk({}, "tool_calls"),
          usageChunk,
        ]),
      );
    });
    const chunks = await readLive(t.live());
    expect(chunks.length).toBeGreaterThan(800);
    expect(chunks.length).toBeLessThan(1500);
    const read = ["", ""];
    for (const call of chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? [])) {
      read[call.index] += call.function?.arguments ?? "";
    }
    expect(read).toEqual(
      ["abcde", "fghij"].map((piece) => JSON.stringify({ query: piece.repeat(20_000) })),
    );
  });

  test("is made of a JSON answer where the server does not stream", async () => {
    const calls = [
      { id: "call-1", type: "function", function: { name: "search", arguments: "{}" } },
    ];
    const body = completion({
      finish_reason: "tool_calls",
      message: { role: "assistant", content: "Hello there", refusal: null, tool_calls: calls },
    });
    await using t = await start((response) => sendJson(response, body));
    const stream = await t.live();
    const chunks = await readAll(stream);
    expect(textOf(chunks)).toBe("Hello there");
    expect(chunks[0]).toMatchObject({
      object: "chat.completion.chunk",
      choices: [
        { finish_reason: "tool_calls", delta: { tool_calls: [{ index: 0, ...calls[0] }] } },
      ],
    });
    expect(chunks.flatMap((each) => each.usage ?? [])).toEqual([wireUsage]);
    expect(stream.metadata).toMatchObject({ status: 200, usage, firstTokenAt: t.clock.now() });
  });

  test("does not open for a JSON answer that is an error", async () => {
    await using t = await start((response) => sendJson(response, bodies.errorInsideOk));
    expect((await failureOf(t.live())).kind).toBe("rate_limit_error");
  });

  test("changes its chunks by map, first set first", async () => {
    await using t = await start((response) => stop(sendEvents(response, helloStream)));
    const stream = await t.live();
    stream.map((each) => ({ ...each, id: `${each.id}-a` }));
    stream.map((each) => ({ ...each, id: `${each.id}-b` }));
    const ids = new Set((await readAll(stream)).map(({ id }) => id));
    expect([...ids]).toEqual(["gen-1-a-b"]);
  });

  test("counts no time while its reader is busy", async () => {
    const calls: string[] = [];
    const progress = {
      progress: () => void calls.push("progress"),
      pause: () => void calls.push("pause"),
      resume: () => void calls.push("resume"),
    };
    let server: ServerResponse | undefined;
    await using t = await start(
      (response) => {
        server = response;
        sendEvents(response, [chunk({ content: "a" })]);
      },
      { progress },
    );
    const stream = await t.live();
    expect(calls.splice(0)).toEqual(["progress", "pause"]);
    await stream.read();
    expect(calls).toEqual([]);
    if (server) write(server, chunk({ content: "b" }));
    await stream.read();
    expect(calls).toEqual(["resume", "progress", "pause"]);
    await stream.leave();
  });
});

describe("a reader that leaves at the finish", () => {
  const finish = chunk({ content: "Hi" }, "stop");

  test("has had the whole answer, and its usage is read", async () => {
    let server: ServerResponse | undefined;
    await using t = await start((response) => {
      server = response;
      sendEvents(response, [finish]);
    });
    const stream = await t.live();
    const ends: RequestEnd[] = [];
    stream.onEnd((end) => void ends.push(end));
    await stream.read();
    const leaving = stream.leave(true);
    if (server) write(server, usageChunk);
    expect(await leaving).toBe(true);
    expect(ends).toEqual([{ metadata: expect.objectContaining({ usage }) }]);
  });

  test("waits for the usage at most a second", async () => {
    await using t = await start((response) => sendEvents(response, [finish]));
    const stream = await t.live();
    await stream.read();
    const leaving = stream.leave(true);
    await t.clock.advance(1000);
    expect(await leaving).toBe(true);
    expect(stream.metadata.usage).toBeUndefined();
  });

  test("has not had the whole answer where pieces of it were not passed on", async () => {
    await using t = await start((response) => stop(sendEvents(response, helloStream)));
    const stream = await t.live();
    const ends: RequestEnd[] = [];
    stream.onEnd((end) => void ends.push(end));
    // What has arrived was not even read.
    expect(await stream.leave(true)).toBe(false);
    expect(ends[0]?.error?.kind).toBe("aborted");
    expect(ends[0]?.metadata.usage).toEqual(usage);
  });
});

describe("a stream that fails", () => {
  test.each(failingStreams)("by $name", async ({ events, kind, reason }) => {
    await using t = await start((response) => stop(sendEvents(response, events)));
    const error = await failureOf(readLive(t.live()));
    const { details } = error;
    expect([details.kind, details.reason, details.model]).toEqual([kind, reason, "openai/gpt-4o"]);
    expect(error.response?.status).toBe(200);
  });

  test("does so after passing on what came before", async () => {
    const events = [chunk({ content: "Hel" }), bodies.errorChunk];
    await using t = await start((response) => void sendEvents(response, events));
    const stream = await t.live();
    expect(textOf((await stream.read()) ?? [])).toBe("Hel");
    expect((await failureOf(stream.read())).message).toBe("Rate limit exceeded");
    await t.server.received[0]?.closed;
  });

  test("before its first token does not open, and is closed", async () => {
    await using t = await start((response) => void sendEvents(response, [bodies.errorChunk]));
    expect((await failureOf(t.live())).kind).toBe("rate_limit_error");
    await t.server.received[0]?.closed;
  });

  test("by a cut socket gives a connection error", async () => {
    let server: ServerResponse | undefined;
    await using t = await start((response) => {
      server = sendEvents(response, [chunk({ content: "Hel" })]);
    });
    const stream = await t.live();
    await stream.read();
    server?.socket?.destroy();
    expect((await failureOf(stream.read())).kind).toBe("connection_error");
  });
});

describe.each(transports)("the end of a stream, by %s:", (_, send) => {
  /** A stream that has said one word and stays open. */
  async function startOpen(signal: AbortSignal) {
    const t = await start((response) => void sendEvents(response, [chunk({ content: "a" })]), {
      fetch: send,
      signal,
    });
    return t;
  }

  test("an abort before the stream opens ends the request", async () => {
    const caller = new AbortController();
    await using t = await start(
      (response) => {
        sendEvents(response, [chunk({ role: "assistant" })]);
        setImmediate(() => caller.abort(new Error("the user left")));
      },
      { fetch: send, signal: caller.signal },
    );
    const error = await failureOf(t.live());
    expect([error.kind, error.cause]).toEqual(["aborted", caller.signal.reason]);
    await t.server.received[0]?.closed;
  });

  test("an abort while a read waits ends the read and the request", async () => {
    const caller = new AbortController();
    await using t = await startOpen(caller.signal);
    const stream = await t.live();
    await stream.read();
    const ends: RequestEnd[] = [];
    stream.onEnd((end) => void ends.push(end));
    const reading = failureOf(stream.read());
    caller.abort();
    expect((await reading).kind).toBe("aborted");
    expect(ends.map(({ error }) => error?.kind)).toEqual(["aborted"]);
    await t.server.received[0]?.closed;
  });

  test("an abort while no read waits ends the request, and every later read", async () => {
    const caller = new AbortController();
    await using t = await startOpen(caller.signal);
    const stream = await t.live();
    await stream.read();
    const ends: RequestEnd[] = [];
    stream.onEnd((end) => void ends.push(end));
    const limit = new ModelError("Too slow", { kind: "timeout_error", reason: "call_timeout" });
    caller.abort(limit);
    await t.server.received[0]?.closed;
    expect(ends.map(({ error }) => error?.details)).toEqual([limit.details]);
    expect((await failureOf(stream.read())).details).toEqual(limit.details);
    expect((await failureOf(stream.read())).details).toEqual(limit.details);
    expect(ends).toHaveLength(1);
  });

  test("a reader that leaves ends the request, and later reads give nothing", async () => {
    await using t = await startOpen(new AbortController().signal);
    const stream = await t.live();
    await stream.read();
    const ends: RequestEnd[] = [];
    stream.onEnd((end) => void ends.push(end));
    await stream.leave();
    await t.server.received[0]?.closed;
    expect(await stream.read()).toBeUndefined();
    await stream.leave();
    expect(ends).toHaveLength(1);
    expect(ends[0]?.error?.kind).toBe("aborted");
    expect(ends[0]?.metadata).toMatchObject({ status: 200, provider: "OpenAI" });
  });

  test("a reader that leaves a stream it has read to the end changes nothing", async () => {
    await using t = await start((response) => stop(sendEvents(response, helloStream)), {
      fetch: send,
    });
    const stream = await t.live();
    const ends: RequestEnd[] = [];
    stream.onEnd((end) => void ends.push(end));
    expect(textOf(await readAll(stream))).toBe("Hello there");
    await stream.leave();
    expect(await stream.read()).toBeUndefined();
    expect(ends).toEqual([{ metadata: stream.metadata }]);
  });

  test("a request is not followed to another address", async () => {
    await using elsewhere = await start((response) => sendJson(response, completion()));
    const location = elsewhere.endpoint.url;
    await using t = await start((response) => response.writeHead(307, { location }).end(), {
      fetch: send,
    });
    const error = await failureOf(t.live());
    expect([error.kind, error.details.reason]).toEqual(["invalid_response_error", "redirect"]);
    expect(error.message).toContain(new URL(location).origin);
    expect(elsewhere.server.received).toEqual([]);
  });
});

describe("the end handlers", () => {
  test("run once, in order, before read() gives its end", async () => {
    await using t = await start((response) => stop(sendEvents(response, helloStream)));
    const stream = await t.live();
    const calls: string[] = [];
    const gate = Promise.withResolvers<void>();
    stream.onEnd(async () => {
      calls.push("first begins");
      await gate.promise;
      calls.push("first ends");
    });
    stream.onEnd(() => void calls.push("second"));
    const reading = readAll(stream).then(() => calls.push("read"));
    await expect.poll(() => calls).toEqual(["first begins"]);
    gate.resolve();
    await reading;
    expect(calls).toEqual(["first begins", "first ends", "second", "read"]);
    expect(await stream.read()).toBeUndefined();
    expect(calls).toHaveLength(4);
  });

  test("run before read() fails, with its error", async () => {
    await using t = await start((response) =>
      stop(sendEvents(response, [chunk({ content: "Hel" })])),
    );
    const stream = await t.live();
    const ends: RequestEnd[] = [];
    stream.onEnd(async (end) => {
      await Promise.resolve();
      ends.push(end);
    });
    const error = await failureOf(readAll(stream));
    expect(ends).toEqual([{ metadata: stream.metadata, error }]);
  });

  test("get the metadata that the handler before them returned", async () => {
    await using t = await start((response) => stop(sendEvents(response, helloStream)));
    const stream = await t.live();
    const providers: unknown[] = [];
    stream.onEnd(({ metadata }) => ({ ...metadata, provider: "Other" }));
    stream.onEnd(({ metadata }) => void providers.push(metadata.provider));
    stream.onEnd(({ metadata }) => void providers.push(metadata.provider));
    await readAll(stream);
    expect(providers).toEqual(["Other", "Other"]);
  });
});
