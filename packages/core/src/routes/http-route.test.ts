import { describe, expect, test } from "vitest";
import { systemClock } from "../clock/index.ts";
import { completion, helloStream } from "../completions/__fixtures__/completions.ts";
import { sendEvents, sendJson, serve } from "../completions/__fixtures__/loopback.ts";
import { readAll } from "../call/__fixtures__/fake-call.ts";
import type { ChatRequest, CompletionChunk, WholeAnswer } from "../completions/index.ts";
import { ModelError } from "../errors/index.ts";
import { httpRoute, type HttpRouteOptions } from "./http-route.ts";

const info = { structuredOutputMethod: "jsonSchema", isFree: false } as const;

const routeWith = (options: Partial<HttpRouteOptions> = {}) =>
  httpRoute({
    model: "openai/gpt-4o",
    via: "openrouter",
    countsAgainstAccount: true,
    streamUpstream: true,
    takesOpenRouterFields: true,
    baseUrl: "http://127.0.0.1:1/api/v1",
    apiKey: "sk-or-test",
    defaultHeaders: {},
    modelInfo: async () => info,
    cachedModelInfo: () => info,
    ...options,
  });

const contentOf = ({ completion: { choices } }: WholeAnswer) => choices[0]?.message.content;
const textOf = (chunks: readonly CompletionChunk[]) =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");

const request: ChatRequest = {
  model: "asked",
  messages: [{ role: "user", content: "Hi" }],
  temperature: 1,
};

const context = { isFallback: false, runId: "run-1" };

describe("the request of a route", () => {
  test("has the route's model, and the run as its session", () => {
    expect(routeWith().adapt(request, context)).toEqual({
      ...request,
      model: "openai/gpt-4o",
      session_id: "run-1",
    });
    expect(routeWith().adapt({ ...request, session_id: "own" }, context)["session_id"]).toBe("own");
  });

  test("has the entry's own fields instead of the call's", () => {
    const route = routeWith({ overrides: { model: "gpt-4o-mini", temperature: 0 } });
    expect(route.adapt(request, context)).toMatchObject({ model: "gpt-4o-mini", temperature: 0 });
  });

  test("has no fields of OpenRouter if the provider does not support them", () => {
    const route = routeWith({ takesOpenRouterFields: false });
    const adapted = route.adapt(
      { ...request, provider: { order: ["a"] }, plugins: [], usage: { include: true }, user: "u" },
      context,
    );
    expect(adapted).toEqual({ ...request, user: "u", model: "openai/gpt-4o" });
  });

  test("has its history adapted only for a fallback", () => {
    const messages: ChatRequest["messages"] = [
      { role: "user", content: "Count." },
      { role: "assistant", content: "One," },
    ];
    const lengthOf = (isFallback: boolean) =>
      routeWith().adapt({ ...request, messages }, { ...context, isFallback }).messages.length;
    expect([lengthOf(false), lengthOf(true)]).toEqual([2, 3]);
  });

  test("lacks what the route has refused, the entry's own fields too", () => {
    const route = routeWith({ overrides: { top_p: 1 } });
    const refused = (field: string) =>
      new ModelError(`Unsupported parameter: '${field}'`, {
        kind: "invalid_request_error",
        status: 400,
      });
    const sent = route.adapt(request, context);
    route.memory.learn(refused("temperature"), sent);
    route.memory.learn(refused("top_p"), sent);
    const adapted = route.adapt(request, context);
    expect(adapted).not.toHaveProperty("temperature");
    expect(adapted).not.toHaveProperty("top_p");
    // Another route to the same model has its own memory.
    expect(routeWith().adapt(request, context)).toHaveProperty("temperature");
  });

  test("is not changed in place", () => {
    const before = structuredClone(request);
    routeWith({ overrides: { temperature: 0 } }).adapt(request, context);
    expect(request).toEqual(before);
  });
});

describe("a route sends", () => {
  const options = { request, signal: new AbortController().signal, clock: systemClock };

  test("to its endpoint, with its key and headers, whole or as a stream", async () => {
    await using server = await serve((response) => sendJson(response, completion()));
    const route = routeWith({ baseUrl: server.url, defaultHeaders: { "X-Title": "Orchestra" } });
    expect(contentOf(await route.sendCompletion(options))).toBe("Hello there");
    expect(textOf(await readAll(await route.openStream(options)))).toBe("Hello there");
    expect(server.received).toHaveLength(2);
    for (const { path, headers, body } of server.received) {
      expect(path).toBe("/api/v1/chat/completions");
      expect(headers).toMatchObject({
        authorization: "Bearer sk-or-test",
        "x-title": "Orchestra",
        "content-type": "application/json",
      });
      expect(body).toEqual(request);
    }
  });

  test("no Authorization without a key", async () => {
    await using server = await serve((response) => void sendEvents(response, helloStream).end());
    await routeWith({ baseUrl: server.url, apiKey: undefined }).sendCompletion(options);
    expect(server.received[0]?.headers).not.toHaveProperty("authorization");
  });

  test("the query and the headers of a single request", async () => {
    await using server = await serve((response) => sendJson(response, completion()));
    const route = routeWith({
      baseUrl: server.url,
      query: { "api-version": "1", name: "a b" },
      defaultHeaders: { "X-Title": "Orchestra" },
    });
    await route.sendCompletion({ ...options, headers: { "x-title": "Other", "x-trace": "t" } });
    expect(server.received[0]).toMatchObject({
      path: "/api/v1/chat/completions?api-version=1&name=a+b",
      headers: { "x-title": "Other", "x-trace": "t" },
    });
  });

  test("by the given fetch", async () => {
    const urls: unknown[] = [];
    const route = routeWith({
      fetch: async (url) => {
        urls.push(url);
        return Response.json(completion());
      },
    });
    expect(contentOf(await route.sendCompletion(options))).toBe("Hello there");
    expect(urls).toEqual(["http://127.0.0.1:1/api/v1/chat/completions"]);
  });
});

describe("what a route knows of its model", () => {
  const methodAfterRefusal = async (isRefused: boolean) => {
    const route = routeWith();
    const asked = { ...request, response_format: { type: "json_schema" } };
    const refusal = new ModelError("This response_format type is unavailable now", {
      kind: "invalid_request_error",
      status: 400,
    });
    if (isRefused) route.memory.learn(refusal, asked);
    return route.structuredOutputMethod();
  };

  test("is the catalog's, until a refusal teaches better", async () => {
    expect(await methodAfterRefusal(false)).toBe("jsonSchema");
    expect(await methodAfterRefusal(true)).toBe("functionCalling");
  });

  test("is loaded once, and kept", async () => {
    let loads = 0;
    const loaded = { ...info, isFree: true, contextLength: 8192 };
    const route = routeWith({
      modelInfo: async () => {
        loads += 1;
        return loaded;
      },
    });
    expect(route.cachedModelInfo()).toBe(info);
    await route.modelInfo();
    await route.modelInfo();
    expect(loads).toBe(1);
    expect(route.cachedModelInfo()).toBe(loaded);
  });
});
