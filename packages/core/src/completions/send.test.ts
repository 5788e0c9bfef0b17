import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import * as bodies from "../errors/__fixtures__/error-bodies.ts";
import { ModelError } from "../errors/model-error.ts";
import { chunk, completion, helloStream, usage, wireUsage } from "./__fixtures__/completions.ts";
import { failureOf, request, start, transports } from "./__fixtures__/exchange.ts";
import { sendEvents, sendJson } from "./__fixtures__/loopback.ts";

const stop = (response: ServerResponse) => void response.end();
const streamed = { streamUpstream: true };
const now = Date.UTC(2026, 0, 1);

describe("an answer that is not streamed", () => {
  test("is returned as the server sent it, with its metadata", async () => {
    const body = completion();
    await using t = await start((response) => sendJson(response, body));
    expect(await t.whole()).toEqual({
      kind: "whole",
      completion: body,
      metadata: {
        status: 200,
        generationId: "gen-1",
        finishReason: "stop",
        servedModel: "openai/gpt-4o-2024-11-20",
        provider: "OpenAI",
        usage,
        costSource: "server",
        firstTokenAt: now,
      },
    });
    expect(t.texts).toEqual(["Hello there"]);
  });

  test("is requested at the endpoint, with its headers, without streaming", async () => {
    await using t = await start((response) => sendJson(response, completion()));
    await t.whole();
    const [received] = t.server.received;
    expect(received?.path).toBe("/api/v1/chat/completions");
    expect(received?.headers.authorization).toBe("Bearer sk-or-test");
    expect(received?.body).toEqual(request);
  });

  test("is requested with the headers of the request and of the endpoint", async () => {
    await using t = await start((response) => sendJson(response, completion()), {
      headers: { "x-portkey-trace-id": "trace-1" },
    });
    await t.whole();
    expect(t.server.received[0]?.headers).toMatchObject({
      "x-portkey-trace-id": "trace-1",
      "x-title": "Every request",
    });
  });

  test("names the target that a gateway used", async () => {
    const headers = { "x-portkey-last-used-option-index": "config.targets[2]" };
    await using t = await start((response) => sendJson(response, completion(), 200, headers));
    expect((await t.whole()).metadata.gatewayTarget).toBe(2);
  });

  test("takes the generation's id from the header where there is one", async () => {
    const headers = { "x-generation-id": "gen-header" };
    await using t = await start((response) => sendJson(response, completion(), 200, headers));
    expect((await t.whole()).metadata.generationId).toBe("gen-header");
  });

  test("has no cost source if the server reports no cost", async () => {
    const { cost: _, ...tokens } = wireUsage;
    await using t = await start((response) =>
      sendJson(response, completion({}, { usage: tokens })),
    );
    const { metadata } = await t.whole();
    expect(metadata.costSource).toBeUndefined();
    expect(metadata.usage).toEqual({ ...usage, costUsd: 0 });
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
    ["a text", "Hello", "invalid_response_error", "malformed"],
    ["a list", [], "invalid_response_error", "malformed"],
    ["a number", 1, "invalid_response_error", "malformed"],
  ])("fails for %s", async (_, body, kind, reason) => {
    await using t = await start((response) => sendJson(response, body));
    const error = await failureOf(t.whole());
    const { details } = error;
    expect([details.kind, details.reason, details.model]).toEqual([kind, reason, "openai/gpt-4o"]);
    expect(error.response?.status).toBe(200);
  });

  test("has its usage in the error where it is refused", async () => {
    const empty = completion({ message: { role: "assistant", content: "" } });
    await using t = await start((response) => sendJson(response, empty));
    expect((await failureOf(t.whole())).response?.usage).toEqual(usage);
  });

  test("is checked, and fails with the error of the check", async () => {
    const checked: unknown[] = [];
    await using t = await start((response) => sendJson(response, completion()), {
      check: async (answer) => {
        checked.push(answer);
        throw new ModelError("Not what was asked for", {
          kind: "invalid_response_error",
          reason: "off_schema",
        });
      },
    });
    const error = await failureOf(t.whole());
    expect(error.details.reason).toBe("off_schema");
    expect(error.response?.usage).toEqual(usage);
    expect(checked).toEqual([completion()]);
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
  ])("%i is requested once and is a %s, whole or streamed", async (status, kind) => {
    await using t = await start((response) =>
      sendJson(response, { error: { code: status, message: "No" } }, status),
    );
    for (const work of [t.whole, t.live]) {
      const error = await failureOf(work());
      expect(error).toMatchObject({ kind, status, message: "No" });
      expect(error.response?.status).toBe(status);
    }
    expect(t.server.received).toHaveLength(2);
  });

  test("keeps the wait and the limit that the server names", async () => {
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

  test("keeps its status though its body is not JSON", async () => {
    await using t = await start((response) => {
      response.writeHead(502, { "content-type": "text/html" });
      response.end("<html>Bad gateway</html>");
    });
    expect(await failureOf(t.whole())).toMatchObject({ kind: "service_error", status: 502 });
  });

  test("keeps its status though its body is cut off", async () => {
    await using t = await start((response) => {
      response.writeHead(503, { "content-length": "1000" });
      response.write("Overl", () => response.socket?.destroy());
    });
    expect(await failureOf(t.whole())).toMatchObject({ kind: "service_error", status: 503 });
  });
});

describe.each(transports)("an abort, by %s,", (name, send) => {
  const closes = name !== "a fetch that ignores its signal";

  test("before the request is made sends nothing", async () => {
    await using t = await start((response) => sendJson(response, completion()), {
      fetch: send,
      signal: AbortSignal.abort(),
    });
    expect((await failureOf(t.whole())).kind).toBe("aborted");
    expect(t.server.received).toEqual([]);
  });

  test("before the answer ends the request", async () => {
    const caller = new AbortController();
    await using t = await start(() => caller.abort(new Error("the user left")), {
      fetch: send,
      signal: caller.signal,
    });
    const error = await failureOf(t.whole());
    expect([error.kind, error.cause]).toEqual(["aborted", caller.signal.reason]);
    if (closes) await t.server.received[0]?.closed;
  });

  test("in the middle of a stream ends the request", async () => {
    const caller = new AbortController();
    await using t = await start(
      (response) => void sendEvents(response, [chunk({ content: "Hello" })]),
      { ...streamed, fetch: send, signal: caller.signal, onText: () => caller.abort() },
    );
    expect((await failureOf(t.whole())).kind).toBe("aborted");
    await t.server.received[0]?.closed;
  });

  test("in the middle of a document ends the request", async () => {
    const caller = new AbortController();
    await using t = await start(
      (response) => {
        response.writeHead(200);
        response.write('{"id":', () => caller.abort());
      },
      { fetch: send, signal: caller.signal },
    );
    expect((await failureOf(t.whole())).kind).toBe("aborted");
    await t.server.received[0]?.closed;
  });

  test("by the error of another call's check, in the middle of a stream, is an abort", async () => {
    const caller = new AbortController();
    const details = { kind: "invalid_response_error", reason: "off_schema" } as const;
    const other = new ModelError("Not what was asked for", details);
    await using t = await start(
      (response) => void sendEvents(response, [chunk({ content: "Hello" })]),
      { ...streamed, fetch: send, signal: caller.signal, onText: () => caller.abort(other) },
    );
    expect((await failureOf(t.whole())).kind).toBe("aborted");
  });

  test("by a time limit gives the error of the limit", async () => {
    const caller = new AbortController();
    const limit = new ModelError("Too slow", { kind: "timeout_error", reason: "no_response" });
    await using t = await start(() => caller.abort(limit), { fetch: send, signal: caller.signal });
    expect((await failureOf(t.whole())).details).toEqual(limit.details);
  });
});

test("an answer by the user's fetch is the same as by undici", async () => {
  await using t = await start((response) => stop(sendEvents(response, helloStream)), {
    ...streamed,
    fetch,
  });
  const { completion: answer, metadata } = await t.whole();
  expect(answer.choices[0]?.message.content).toBe("Hello there");
  expect(metadata).toMatchObject({ status: 200, usage });
  expect(t.server.received[0]?.headers.authorization).toBe("Bearer sk-or-test");
});

test("a response without a body is an invalid answer", async () => {
  await using t = await start(() => undefined, {
    fetch: async () => new Response(null, { status: 200 }),
  });
  expect((await failureOf(t.whole())).kind).toBe("invalid_response_error");
});
