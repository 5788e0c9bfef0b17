import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import * as bodies from "../errors/__fixtures__/error-bodies.ts";
import { toModelError } from "../errors/classify.ts";
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
import { sendEvents, sendJson, serve } from "./__fixtures__/loopback.ts";
import type { CompletionRequest, Sighting } from "./request.ts";
import { WatchedCompletions } from "./watched-completions.ts";
import type { Completion, CompletionChunk } from "./wire.ts";

const request = { model: "openai/gpt-4o", messages: [{ role: "user" as const, content: "Hi" }] };

interface Options extends Partial<CompletionRequest> {
  readonly signal?: AbortSignal;
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** Requests to a server that answers as told, and what was seen of them. */
async function start(answer: (response: ServerResponse) => void, options: Options = {}) {
  const server = await serve(answer);
  const { signal, overrides, ...watched } = options;
  const seen: Sighting = {};
  const texts: string[] = [];
  const completions = new WatchedCompletions(
    {
      model: "openai/gpt-4o",
      apiKey: "sk-or-test",
      maxRetries: 0,
      configuration: {
        baseURL: server.url,
        defaultHeaders: { "X-Title": "Every request" },
        maxRetries: 0,
        logLevel: "off",
      },
    },
    overrides,
  );
  const requestOptions = {
    ...(signal ? { signal } : {}),
    completionRequest: {
      headers: {},
      streamsWhole: true,
      onText: (text: string) => texts.push(text),
      seen,
      ...watched,
    },
  };
  return {
    server,
    seen,
    texts,
    /** Asks for a whole answer. */
    whole: (fields: object = {}): Promise<Completion> =>
      completions.completionWithRetry({ ...request, ...fields }, requestOptions),
    /** Asks for a live stream. */
    live: (): Promise<AsyncIterable<CompletionChunk>> =>
      completions.completionWithRetry({ ...request, stream: true }, requestOptions),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function failureOf(work: Promise<unknown>): Promise<ModelError> {
  try {
    await work;
  } catch (error) {
    if (ModelError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("The request succeeded");
}

async function readAll(stream: Promise<AsyncIterable<CompletionChunk>>) {
  const chunks: CompletionChunk[] = [];
  for await (const each of await stream) chunks.push(each);
  return chunks;
}

const textOf = (chunks: readonly CompletionChunk[]) =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");

const stop = (response: ServerResponse) => void response.end();

describe("an answer that is not streamed", () => {
  test("comes as the server sent it, and its sender is noted", async () => {
    const body = completion();
    await using t = await start((response) => sendJson(response, body), { streamsWhole: false });
    expect(await t.whole()).toEqual(body);
    expect(t.seen).toEqual({
      status: 200,
      generationId: "gen-1",
      servedModel: "openai/gpt-4o-2024-11-20",
      provider: "OpenAI",
      usage,
      isCostReported: true,
    });
  });

  test("is asked for at the one path, with the key, without streaming", async () => {
    await using t = await start((response) => sendJson(response, completion()), {
      streamsWhole: false,
    });
    await t.whole();
    const [received] = t.server.received;
    expect(received?.path).toBe("/api/v1/chat/completions");
    expect(received?.headers.authorization).toBe("Bearer sk-or-test");
    expect(received?.body).toEqual(request);
  });

  test("sends the headers of this request beside those of every one", async () => {
    await using t = await start((response) => sendJson(response, completion()), {
      headers: { "x-portkey-trace-id": "trace-1" },
    });
    await t.whole();
    expect(t.server.received[0]?.headers).toMatchObject({
      "x-portkey-trace-id": "trace-1",
      "x-title": "Every request",
    });
  });

  test("lets an entry's own request fields win", async () => {
    await using t = await start((response) => sendJson(response, completion()), {
      streamsWhole: false,
      overrides: { model: "gpt-4o-mini", temperature: 0 },
    });
    await t.whole();
    expect(t.server.received[0]?.body).toEqual({
      ...request,
      model: "gpt-4o-mini",
      temperature: 0,
    });
  });

  test.each([
    [4096, 1000, 1000],
    [100, 1000, 100],
    [undefined, 1000, 1000],
    [4096, undefined, 4096],
  ])("with max_tokens %s and %s affordable asks for %i", async (asked, affordableTokens, sent) => {
    await using t = await start((response) => sendJson(response, completion()), {
      affordableTokens,
    });
    await t.whole(asked === undefined ? {} : { max_tokens: asked });
    expect(t.server.received[0]?.body["max_tokens"]).toBe(sent);
  });

  test("tells which target a gateway used", async () => {
    await using t = await start((response) =>
      sendJson(response, completion(), 200, {
        "x-portkey-last-used-option-index": "config.targets[2]",
      }),
    );
    await t.whole();
    expect(t.seen.gatewayTarget).toBe(2);
  });

  test("takes the generation's id from the header where there is one", async () => {
    await using t = await start((response) =>
      sendJson(response, completion(), 200, { "x-generation-id": "gen-header" }),
    );
    await t.whole();
    expect(t.seen.generationId).toBe("gen-header");
  });

  test.each([
    ["an error in a 200", bodies.errorInsideOk, "rate_limit_error", undefined],
    ["an error in the choice", bodies.errorInsideChoice, "service_error", undefined],
    [
      "an empty answer",
      completion({ message: { role: "assistant", content: null } }),
      "invalid_response_error",
      "empty",
    ],
    ["no choices", {}, "invalid_response_error", "malformed"],
    ["null", null, "invalid_response_error", "malformed"],
    ["a text", "Hello", "invalid_response_error", "malformed"],
    ["a list", [], "invalid_response_error", "malformed"],
  ])("fails for %s", async (_, body, kind, reason) => {
    await using t = await start((response) => sendJson(response, body), { streamsWhole: false });
    const { details } = await failureOf(t.whole());
    expect([details.kind, details.reason, details.model]).toEqual([kind, reason, "openai/gpt-4o"]);
    expect(t.seen.status).toBe(200);
  });

  test.each([
    ["a web page", "<html>Sign in to the hotel's network</html>"],
    ["half of JSON", '{"id":"gen-1","choices":['],
    ["nothing", ""],
  ])("fails for a body that is %s", async (_, body) => {
    await using t = await start((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(body);
    });
    const { details } = await failureOf(t.whole());
    expect([details.kind, details.reason]).toEqual(["invalid_response_error", "malformed"]);
  });

  test("notes the cost even of an answer that is refused", async () => {
    const empty = completion({ message: { role: "assistant", content: "" } });
    await using t = await start((response) => sendJson(response, empty));
    await failureOf(t.whole());
    expect(t.seen.usage).toEqual(usage);
  });
});

describe("an error status", () => {
  test.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [402, "insufficient_credits_error"],
    [403, "permission_error"],
    [404, "invalid_request_error"],
    [408, "timeout_error"],
    [429, "rate_limit_error"],
    [500, "service_error"],
    [503, "service_error"],
    [529, "service_error"],
  ])("%i is asked once and is a %s, whole or live", async (status, kind) => {
    await using t = await start((response) =>
      sendJson(response, { error: { code: status, message: "No" } }, status),
    );
    for (const work of [t.whole(), t.live()]) {
      expect(await failureOf(work)).toMatchObject({ kind, status, message: "No" });
    }
    expect(t.seen.status).toBe(status);
    expect(t.server.received).toHaveLength(2);
  });

  test("keeps the wait, the provider and the limit that the server names", async () => {
    await using t = await start((response) =>
      sendJson(response, bodies.inFlight, 402, { "Retry-After": "120" }),
    );
    expect((await failureOf(t.whole())).details).toEqual({
      kind: "rate_limit_error",
      reason: "in_flight_budget",
      status: 402,
      retryAfterMs: 120_000,
      limitSource: "openrouter_in_flight_budget",
      model: "openai/gpt-4o",
    });
  });

  test("without a body that is JSON keeps its status", async () => {
    await using t = await start((response) => {
      response.writeHead(502, { "content-type": "text/html" });
      response.end("<html>Bad gateway</html>");
    });
    expect(await failureOf(t.whole())).toMatchObject({ kind: "service_error", status: 502 });
  });
});

describe("a whole answer that is streamed underway", () => {
  test("is put together, its texts told as they come, comments skipped", async () => {
    await using t = await start((response) => stop(sendEvents(response, helloStream)));
    expect(await t.whole()).toMatchObject({
      id: "gen-1",
      object: "chat.completion",
      model: "openai/gpt-4o-2024-11-20",
      choices: [
        {
          index: 0,
          finish_reason: "stop",
          message: { role: "assistant", content: "Hello there", refusal: null },
        },
      ],
      usage: wireUsage,
    });
    expect(t.texts).toEqual(["Hello", " there"]);
    expect(t.seen).toMatchObject({
      status: 200,
      generationId: "gen-1",
      servedModel: "openai/gpt-4o-2024-11-20",
      provider: "OpenAI",
      usage,
    });
    expect(Math.abs((t.seen.firstTokenAt ?? 0) - Date.now())).toBeLessThan(10_000);
    expect(t.server.received[0]?.body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test("shows progress by each piece and by the finish, not by comments or empty pieces", async () => {
    let signs = 0;
    await using t = await start((response) => stop(sendEvents(response, helloStream)), {
      onProgress: () => {
        signs += 1;
      },
    });
    await t.whole();
    expect(signs).toBe(3);
  });

  test("joins tool calls that come in pieces", async () => {
    const piece = (index: number, fields: object) => chunk({ tool_calls: [{ index, ...fields }] });
    await using t = await start((response) =>
      stop(
        sendEvents(response, [
          piece(0, { id: "call-1", type: "function", function: { name: "search", arguments: "" } }),
          piece(0, { function: { arguments: '{"que' } }),
          piece(1, { id: "call-2", type: "function", function: { name: "read", arguments: "{}" } }),
          piece(0, { function: { arguments: 'ry":"x"}' } }),
          chunk({}, "tool_calls"),
          usageChunk,
          done,
        ]),
      ),
    );
    const { choices } = await t.whole();
    expect(choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        content: null,
        tool_calls: [
          {
            id: "call-1",
            type: "function",
            function: { name: "search", arguments: '{"query":"x"}' },
          },
          { id: "call-2", type: "function", function: { name: "read", arguments: "{}" } },
        ],
      },
    });
    expect(t.seen.firstTokenAt).toBeDefined();
  });

  test("keeps thought and refusal apart from content", async () => {
    await using t = await start((response) =>
      stop(
        sendEvents(response, [
          chunk({ reasoning: "Let me " }),
          chunk({ reasoning: "see." }),
          chunk({ refusal: "I won't" }),
          chunk({}, "stop"),
          usageChunk,
          done,
        ]),
      ),
    );
    const { choices } = await t.whole();
    expect(choices[0]?.message).toEqual({
      role: "assistant",
      content: null,
      refusal: "I won't",
      reasoning: "Let me see.",
    });
    expect(t.texts).toEqual([]);
    expect(t.seen.firstTokenAt).toBeDefined();
  });

  test("succeeds without [DONE] where it has a finish", async () => {
    await using t = await start((response) =>
      stop(sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop")])),
    );
    expect((await t.whole()).choices[0]?.message.content).toBe("Hello");
  });

  test("succeeds without a finish where usage closes it", async () => {
    await using t = await start((response) =>
      stop(sendEvents(response, [chunk({ content: "Hello" }), usageChunk, done])),
    );
    expect((await t.whole()).choices[0]?.message.content).toBe("Hello");
  });

  test("is told by onText as it arrives, long before its end", async () => {
    let isTold: () => void = () => undefined;
    const told = new Promise<void>((resolve) => {
      isTold = resolve;
    });
    const rest = [chunk({}, "stop"), usageChunk].map((each) => `data: ${JSON.stringify(each)}\n\n`);
    await using t = await start(
      (response) => {
        sendEvents(response, [chunk({ content: "Hello" })]);
        // The rest is sent only after the first piece was told.
        void told.then(() => response.end(rest.join("")));
      },
      { onText: () => isTold() },
    );
    expect((await t.whole()).choices[0]?.message.content).toBe("Hello");
  });

  test("is not held up by a server that never ends its stream, and leaves it", async () => {
    await using t = await start((response) => {
      sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop"), usageChunk]);
    });
    expect((await t.whole()).usage).toEqual(wireUsage);
    await t.server.received[0]?.closed;
  });

  test("is not held up by a server that sends neither usage nor an end", async () => {
    await using t = await start((response) => {
      sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop")]);
    });
    expect((await t.whole()).choices[0]?.message.content).toBe("Hello");
    await t.server.received[0]?.closed;
  });

  test("may come unstreamed after all", async () => {
    await using t = await start((response) => sendJson(response, completion()));
    expect((await t.whole()).choices[0]?.message.content).toBe("Hello there");
  });
});

const failingStreams: [string, (object | string)[], string, string | undefined][] = [
  ["an error chunk", [chunk({ content: "Hel" }), bodies.errorChunk], "rate_limit_error", undefined],
  [
    "an error chunk with a word for a code",
    [bodies.errorChunkWithWord],
    "service_error",
    undefined,
  ],
  [
    "an error chunk without a choice",
    [bodies.errorChunkWithoutChoice],
    "rate_limit_error",
    undefined,
  ],
  [
    "an error in a choice",
    [chunk({ content: "Hel" }), chunk({}, null, bodies.errorInsideChoice)],
    "service_error",
    undefined,
  ],
  [
    "an error in a choice that looks finished",
    [
      chunk({ content: "Hel" }),
      chunk({}, null, {
        choices: [
          { index: 0, delta: {}, finish_reason: "stop", error: { code: 429, message: "Too many" } },
        ],
      }),
    ],
    "rate_limit_error",
    undefined,
  ],
  [
    "the finish reason error alone",
    [chunk({ content: "Hel" }), chunk({}, "error")],
    "service_error",
    undefined,
  ],
  ["an end without a finish", [chunk({ content: "Hel" })], "invalid_response_error", "truncated"],
  [
    "[DONE] without a finish",
    [chunk({ content: "Hel" }), done],
    "invalid_response_error",
    "truncated",
  ],
  ["no chunk at all", [keepAlive], "invalid_response_error", "truncated"],
  [
    "a malformed chunk",
    [chunk({ content: "Hel" }), "data: {broken\n\n"],
    "invalid_response_error",
    "malformed",
  ],
  ["a chunk that is null", ["data: null\n\n"], "invalid_response_error", "malformed"],
  [
    "usage reported as it goes, and an end without a finish",
    [chunk({ content: "Hel" }, null, { usage: wireUsage })],
    "invalid_response_error",
    "truncated",
  ],
  ["a chunk that is a number", ["data: 1\n\n"], "invalid_response_error", "malformed"],
];

describe("a stream that fails", () => {
  test.each(failingStreams)("by %s, fails a whole answer", async (_, events, kind, reason) => {
    await using t = await start((response) => stop(sendEvents(response, events)));
    const { details } = await failureOf(t.whole());
    expect([details.kind, details.reason, details.model]).toEqual([kind, reason, "openai/gpt-4o"]);
    expect(t.seen.status).toBe(200);
  });

  test.each(failingStreams)("by %s, fails a live one", async (_, events, kind, reason) => {
    await using t = await start((response) => stop(sendEvents(response, events)));
    const thrown = await readAll(t.live()).catch((error: unknown) => error);
    const { details } = toModelError(thrown);
    expect([details.kind, details.reason]).toEqual([kind, reason]);
  });

  test("fails a live one after passing on what came before", async () => {
    await using t = await start((response) =>
      stop(sendEvents(response, [chunk({ content: "Hel" }), bodies.errorChunk])),
    );
    const texts: (string | null | undefined)[] = [];
    const reading = async () => {
      for await (const { choices } of await t.live()) texts.push(choices[0]?.delta.content);
    };
    await expect(reading()).rejects.toThrow("Rate limit exceeded");
    expect(texts).toEqual(["Hel"]);
  });

  test("by a cut socket is a connection error", async () => {
    await using t = await start((response) => {
      sendEvents(response, []);
      response.write(`data: ${JSON.stringify(chunk({ content: "Hel" }))}\n\n`, () =>
        response.socket?.destroy(),
      );
    });
    expect((await failureOf(t.whole())).kind).toBe("connection_error");
  });

  test("by a socket that is cut before any answer is a connection error", async () => {
    await using t = await start((response) => response.socket?.destroy());
    expect(await failureOf(t.whole())).toMatchObject({
      kind: "connection_error",
      status: undefined,
    });
    expect(t.seen).toEqual({});
  });

  test("by a content filter is refused as a whole answer", async () => {
    await using t = await start((response) =>
      stop(
        sendEvents(response, [chunk({ content: "Hel" }), chunk({}, "content_filter"), usageChunk]),
      ),
    );
    expect((await failureOf(t.whole())).details).toMatchObject({
      kind: "permission_error",
      reason: "content_filter",
    });
  });

  test("keeps what had been seen", async () => {
    await using t = await start((response) =>
      stop(sendEvents(response, [chunk({ content: "Hel" })], { "x-generation-id": "gen-9" })),
    );
    await failureOf(t.whole());
    expect(t.seen).toMatchObject({ generationId: "gen-9", provider: "OpenAI", status: 200 });
    expect(t.seen.firstTokenAt).toBeDefined();
  });
});

describe("a live stream", () => {
  test("passes its chunks on and notes what they show", async () => {
    await using t = await start((response) => stop(sendEvents(response, helloStream)));
    const chunks = await readAll(t.live());
    expect(textOf(chunks)).toBe("Hello there");
    expect(chunks.flatMap(({ usage }) => usage ?? [])).toEqual([wireUsage]);
    expect(t.seen).toMatchObject({ status: 200, provider: "OpenAI", usage });
    expect(t.seen.firstTokenAt).toBeDefined();
  });

  test("counts usage once though a gateway puts it on a chunk with a choice", async () => {
    const portkeys = chunk({}, null, { usage: wireUsage });
    await using t = await start((response) =>
      stop(sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop"), portkeys, done])),
    );
    const chunks = await readAll(t.live());
    expect(chunks.flatMap(({ usage }) => usage ?? [])).toEqual([wireUsage]);
    expect(t.seen.usage).toEqual(usage);
  });

  test("counts the last usage of a provider that reports it as it goes", async () => {
    const early = { usage: { ...wireUsage, completion_tokens: 1, cost: 0.00001 } };
    await using t = await start((response) =>
      stop(
        sendEvents(response, [
          chunk({ content: "Hello" }, null, early),
          chunk({}, "stop"),
          usageChunk,
          done,
        ]),
      ),
    );
    const chunks = await readAll(t.live());
    expect(chunks.flatMap(({ usage }) => usage ?? [])).toEqual([wireUsage]);
    expect(t.seen.usage).toEqual(usage);
  });

  test("keeps usage that came before the finish", async () => {
    await using t = await start((response) =>
      stop(
        sendEvents(response, [
          chunk({ content: "Hello" }, null, { usage: wireUsage }),
          chunk({}, "stop"),
          done,
        ]),
      ),
    );
    const chunks = await readAll(t.live());
    expect(chunks.flatMap(({ usage }) => usage ?? [])).toEqual([wireUsage]);
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
    const chunks = await readAll(t.live());
    expect(textOf(chunks)).toBe("Hello there");
    expect(chunks[0]).toMatchObject({
      object: "chat.completion.chunk",
      choices: [
        { finish_reason: "tool_calls", delta: { tool_calls: [{ index: 0, ...calls[0] }] } },
      ],
    });
    expect(chunks.flatMap(({ usage }) => usage ?? [])).toEqual([wireUsage]);
  });

  test("fails at once for a JSON answer that is none", async () => {
    await using t = await start((response) => sendJson(response, bodies.errorInsideOk));
    expect((await failureOf(t.live())).kind).toBe("rate_limit_error");
  });

  test("ends the request when its reader leaves", async () => {
    await using t = await start(
      (response) => void sendEvents(response, [chunk({ content: "Hello" })]),
    );
    for await (const each of await t.live()) {
      expect(each.choices[0]?.delta.content).toBe("Hello");
      break;
    }
    // The server keeps the stream open; only the client can have closed it.
    await t.server.received[0]?.closed;
  });
});

describe("an abort", () => {
  test("before the answer ends the request", async () => {
    const caller = new AbortController();
    await using t = await start(() => caller.abort(new Error("the user left")), {
      signal: caller.signal,
    });
    expect((await failureOf(t.whole())).kind).toBe("aborted");
    await t.server.received[0]?.closed;
  });

  test("in mid-stream ends the request, and is no success", async () => {
    const caller = new AbortController();
    await using t = await start(
      (response) => void sendEvents(response, [chunk({ content: "Hello" })]),
      { signal: caller.signal, onText: () => caller.abort() },
    );
    expect(ModelError.isInstance(await failureOf(t.whole()))).toBe(true);
    await t.server.received[0]?.closed;
  });
});

test("without a request of ours it works as ChatOpenAI does", async () => {
  await using server = await serve((response) => sendJson(response, completion()));
  const completions = new WatchedCompletions({
    model: "openai/gpt-4o",
    apiKey: "sk-or-test",
    configuration: { baseURL: server.url },
  });
  const { choices } = await completions.completionWithRetry(request);
  expect(choices[0]?.message.content).toBe("Hello there");
  expect(server.received[0]?.body).toEqual(request);
});
