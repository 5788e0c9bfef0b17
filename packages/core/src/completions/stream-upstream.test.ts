import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import * as bodies from "../errors/__fixtures__/error-bodies.ts";
import {
  chunk,
  completion,
  done,
  helloStream,
  usage,
  usageChunk,
  wireUsage,
} from "./__fixtures__/completions.ts";
import { failureOf, request, start } from "./__fixtures__/exchange.ts";
import { failingStreams } from "./__fixtures__/failing-streams.ts";
import { sendEvents, sendJson } from "./__fixtures__/loopback.ts";

const stop = (response: ServerResponse) => void response.end();
const streamed = { streamUpstream: true };
const now = Date.UTC(2026, 0, 1);

describe("a whole answer that is streamed upstream", () => {
  test("is joined; its texts are reported while they arrive, and comments are skipped", async () => {
    await using t = await start((response) => stop(sendEvents(response, helloStream)), streamed);
    const answer = await t.whole();
    expect(answer.completion).toMatchObject({
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
    expect(answer.metadata).toEqual({
      status: 200,
      generationId: "gen-1",
      finishReason: "stop",
      servedModel: "openai/gpt-4o-2024-11-20",
      provider: "OpenAI",
      usage,
      costSource: "server",
      firstTokenAt: now,
    });
    expect(t.server.received[0]?.body).toEqual({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test("shows progress by each piece and by the finish, not by comments or empty pieces", async () => {
    let signs = 0;
    const progress = { progress: () => void (signs += 1), pause() {}, resume() {} };
    await using t = await start((response) => stop(sendEvents(response, helloStream)), {
      ...streamed,
      progress,
    });
    await t.whole();
    expect(signs).toBe(3);
  });

  const counts = { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 };
  const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  const report = (fields: object) => ({ object: "chat.completion.chunk", choices: [], ...fields });
  const inChoice = { index: 0, delta: {}, finish_reason: null, usage: counts };

  test.each([
    ["zeros are last", [{ usage: counts }, { usage: zeros }], counts],
    ["the cost is last", [{ usage: counts }, { usage: { cost: 0.5 } }], { ...counts, cost: 0.5 }],
    ["it is in the choice", [{ choices: [inChoice] }], counts],
    ["it is in Groq's field", [{ x_groq: { usage: counts } }], counts],
    ["it is empty", [{ usage: {} }], {}],
  ])("has the most complete usage, also where %s", async (_, reports, expected) => {
    const events = [chunk({ content: "Hi" }), chunk({}, "stop"), ...reports.map(report), done];
    await using t = await start((response) => stop(sendEvents(response, events)), streamed);
    expect((await t.whole()).completion.usage).toEqual(expected);
  });

  test("joins tool calls that arrive in pieces", async () => {
    const piece = (index: number, fields: object) => chunk({ tool_calls: [{ index, ...fields }] });
    const events = [
      piece(0, { id: "call-1", type: "function", function: { name: "search", arguments: "" } }),
      piece(0, { function: { arguments: '{"que' } }),
      piece(1, { id: "call-2", type: "function", function: { name: "read", arguments: "{}" } }),
      piece(0, { function: { arguments: 'ry":"x"}' } }),
      chunk({}, "tool_calls"),
      usageChunk,
      done,
    ];
    await using t = await start((response) => stop(sendEvents(response, events)), streamed);
    const { completion: answer, metadata } = await t.whole();
    expect(answer.choices[0]).toMatchObject({
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
    expect(metadata.firstTokenAt).toBe(now);
  });

  test("that is a refusal fails with its text", async () => {
    const events = [
      chunk({ reasoning: "Let me see." }),
      chunk({ refusal: "I " }),
      chunk({ refusal: "won't" }),
      chunk({}, "stop"),
      usageChunk,
      done,
    ];
    await using t = await start((response) => stop(sendEvents(response, events)), streamed);
    const { kind, details, message } = await failureOf(t.whole());
    expect([kind, details.reason]).toEqual(["permission_error", "refusal"]);
    expect(message).toBe("The model refused to answer: I won't");
    expect(t.texts).toEqual([]);
  });

  test.each([
    ["without [DONE] where it has a finish", [chunk({ content: "Hello" }), chunk({}, "stop")]],
    ["without a finish where usage ends it", [chunk({ content: "Hello" }), usageChunk, done]],
    [
      "with empty errors in good chunks",
      [chunk({ content: "Hello" }, null, { error: {} }), chunk({}, "stop", { error: null })],
    ],
    [
      "with events that are empty or null",
      ["data:\n\n", "data: null\n\n", chunk({ content: "Hello" }), "data: \n\n", chunk({}, "stop")],
    ],
  ])("succeeds %s", async (_, events) => {
    await using t = await start((response) => stop(sendEvents(response, events)), streamed);
    expect((await t.whole()).completion.choices[0]?.message.content).toBe("Hello");
  });

  test("is reported by onText as it arrives, long before its end", async () => {
    const told = Promise.withResolvers<void>();
    const rest = [chunk({}, "stop"), usageChunk].map((each) => `data: ${JSON.stringify(each)}\n\n`);
    await using t = await start(
      (response) => {
        sendEvents(response, [chunk({ content: "Hello" })]);
        // The rest is sent only after the first piece was reported.
        void told.promise.then(() => response.end(rest.join("")));
      },
      { ...streamed, onText: () => told.resolve() },
    );
    expect((await t.whole()).completion.choices[0]?.message.content).toBe("Hello");
  });

  test("does not wait for the end of a stream that is complete, and closes it after a second", async () => {
    await using t = await start((response) => {
      sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop"), usageChunk]);
    }, streamed);
    expect((await t.whole()).completion.usage).toEqual(wireUsage);
    expect(t.clock.sleeping).toBe(1);
    await t.clock.advance(1000);
    await t.server.received[0]?.closed;
    expect(t.clock.sleeping).toBe(0);
  });

  test("waits a second for usage after the finish, and then closes the stream", async () => {
    await using t = await start((response) => {
      sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop")]);
    }, streamed);
    let isOver = false;
    const answer = t.whole().finally(() => (isOver = true));
    await expect.poll(() => t.clock.sleeping).toBe(1);
    await t.clock.advance(999);
    expect(isOver).toBe(false);
    await t.clock.advance(1);
    const { completion: whole, metadata } = await answer;
    expect(whole.choices[0]?.message.content).toBe("Hello");
    await expect.poll(() => t.clock.sleeping).toBe(1);
    await t.clock.advance(5000);
    expect(await metadata.lateUsage).toBeUndefined();
    await t.clock.advance(1000);
    await t.server.received[0]?.closed;
  });

  test("is not delayed by keep-alives after the finish", async () => {
    let response: ServerResponse | undefined;
    await using t = await start((given) => {
      response = given;
      sendEvents(given, [chunk({ content: "Hello" }), chunk({}, "stop")]);
    }, streamed);
    const answer = t.whole();
    await expect.poll(() => t.clock.sleeping).toBe(1);
    await t.clock.advance(600);
    response?.write(": keep-alive\n\n");
    await expect.poll(() => t.clock.sleeping).toBe(1);
    await t.clock.advance(400);
    expect((await answer).completion.choices[0]?.message.content).toBe("Hello");
    response?.end();
  });

  test.each(["whole", "live"] as const)("promises usage that comes later, %s", async (how) => {
    const late = Promise.withResolvers<void>();
    await using t = await start((response) => {
      sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop")]);
      void late.promise.then(() => response.end(`data: ${JSON.stringify(usageChunk)}\n\n`));
    }, streamed);
    const read = async () => {
      if (how === "whole") return (await t.whole()).metadata;
      const stream = await t.live();
      while (await stream.read());
      return stream.metadata;
    };
    const reading = read();
    await expect.poll(() => t.clock.sleeping).toBe(1);
    await t.clock.advance(1000);
    const { usage: known, lateUsage } = await reading;
    expect(known).toBeUndefined();
    late.resolve();
    expect(await lateUsage).toEqual({ usage, costSource: "server" });
  });

  test("can arrive without a stream", async () => {
    await using t = await start((response) => sendJson(response, completion()), streamed);
    expect((await t.whole()).completion.choices[0]?.message.content).toBe("Hello there");
  });
});

describe("the usage of a stream", () => {
  const early = { ...wireUsage, completion_tokens: 1, cost: 0.00001 };
  const zero = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  test.each([
    [
      "on a chunk with a choice, after the finish",
      [chunk({ content: "Hello" }), chunk({}, "stop"), chunk({}, null, { usage: wireUsage }), done],
    ],
    [
      "as it is produced: the last counts",
      [chunk({ content: "Hello" }, null, { usage: early }), chunk({}, "stop"), usageChunk, done],
    ],
    [
      "at the start and at the end: the last counts",
      [
        chunk({}, null, { choices: [], usage: early }),
        chunk({ content: "Hello" }),
        chunk({}, "stop"),
        usageChunk,
        done,
      ],
    ],
    [
      "before the finish alone",
      [chunk({ content: "Hello" }, null, { usage: wireUsage }), chunk({}, "stop"), done],
    ],
    [
      "before the finish, and zero at the end",
      [
        chunk({ content: "Hello" }, null, { usage: wireUsage }),
        chunk({}, "stop"),
        chunk({}, null, { choices: [], usage: zero }),
        done,
      ],
    ],
    [
      "with the finish",
      [chunk({ content: "Hello" }), chunk({}, "stop", { usage: wireUsage }), done],
    ],
  ])("is read %s", async (_, events) => {
    await using t = await start((response) => stop(sendEvents(response, events)), streamed);
    expect((await t.whole()).metadata).toMatchObject({ usage, costSource: "server" });
  });
});

describe("a streamed answer that fails", () => {
  test.each(failingStreams)("by $name", async ({ events, kind, reason }) => {
    await using t = await start((response) => stop(sendEvents(response, events)), streamed);
    const error = await failureOf(t.whole());
    const { details } = error;
    expect([details.kind, details.reason, details.model]).toEqual([kind, reason, "openai/gpt-4o"]);
    expect(error.response?.status).toBe(200);
  });

  test("closes its connection, though the server does not", async () => {
    await using t = await start(
      (response) => void sendEvents(response, [bodies.errorChunk]),
      streamed,
    );
    expect((await failureOf(t.whole())).kind).toBe("rate_limit_error");
    await t.server.received[0]?.closed;
  });

  test("by a socket that is cut in the middle is a connection error", async () => {
    await using t = await start((response) => {
      sendEvents(response, []);
      response.write(`data: ${JSON.stringify(chunk({ content: "Hel" }))}\n\n`, () =>
        response.socket?.destroy(),
      );
    }, streamed);
    expect((await failureOf(t.whole())).kind).toBe("connection_error");
  });

  test("by a socket that is cut before any answer is a connection error", async () => {
    await using t = await start((response) => response.socket?.destroy(), streamed);
    const error = await failureOf(t.whole());
    expect(error).toMatchObject({ kind: "connection_error", status: undefined });
    expect(error.response).toEqual({ status: undefined });
  });

  test("has what the response had shown", async () => {
    const headers = { "x-generation-id": "gen-9" };
    await using t = await start(
      (response) => stop(sendEvents(response, [chunk({ content: "Hel" })], headers)),
      streamed,
    );
    expect((await failureOf(t.whole())).response).toEqual({
      status: 200,
      generationId: "gen-9",
      servedModel: "openai/gpt-4o-2024-11-20",
      provider: "OpenAI",
      firstTokenAt: now,
    });
  });
});
