import type { ServerResponse } from "node:http";
import { OpenAIClient } from "@langchain/openai";
import { describe, expect, test } from "vitest";
import { classify, toModelError } from "../errors/classify.ts";
import { completion } from "./__fixtures__/completions.ts";
import { sendJson, serve } from "./__fixtures__/loopback.ts";
import { CompletionsEndpoint, type CompletionsEndpointOptions } from "./completions-endpoint.ts";
import { leanFetch } from "./lean-fetch.ts";

const request = { model: "openai/gpt-4o", messages: [{ role: "user" as const, content: "Hi" }] };
const answer = (response: ServerResponse) => sendJson(response, completion());

const addedByFetch = ["accept-encoding", "accept-language", "sec-fetch-mode"];

function clientOf(baseURL: string): OpenAIClient {
  return new OpenAIClient({
    apiKey: "sk-or-test",
    baseURL,
    defaultHeaders: { "X-Title": "Every request", "user-agent": "tester" },
    maxRetries: 0,
    logLevel: "off",
  });
}

const open = (baseURL: string, options: Partial<CompletionsEndpointOptions> = {}) =>
  CompletionsEndpoint.of(clientOf(baseURL), { fetch: leanFetch, isKeyless: false, ...options });

test("sends what the client itself sends", async () => {
  await using server = await serve(answer);
  const endpoint = await open(server.url);
  await clientOf(server.url).chat.completions.create(request);
  for (const _ of "12") await (await endpoint.post(request, { headers: {} })).json();
  const [own, first, second] = server.received.map(({ path, headers, body }) => {
    for (const name of addedByFetch) delete headers[name];
    return { path, headers, body };
  });
  expect(own?.headers).toMatchObject({
    authorization: "Bearer sk-or-test",
    "user-agent": "tester",
  });
  expect(first).toEqual(own);
  expect(second).toEqual(own);
});

test("keeps a request's own headers from the next one", async () => {
  await using server = await serve(answer);
  const endpoint = await open(server.url);
  for (const headers of [{ "x-title": "This one" }, {}]) {
    await (await endpoint.post(request, { headers })).json();
  }
  const titles = server.received.map(({ headers }) => headers["x-title"]);
  expect(titles).toEqual(["This one", "Every request"]);
});

test("sends no key where there is none", async () => {
  await using server = await serve(answer);
  const endpoint = await open(server.url, { isKeyless: true });
  await (await endpoint.post(request, { headers: {} })).json();
  expect(server.received[0]?.headers).not.toHaveProperty("authorization");
});

describe("fails as the client itself does", () => {
  const failuresAt = async (url: string) => {
    const endpoint = await open(url);
    const works = [
      clientOf(url).chat.completions.create(request),
      endpoint.post(request, { headers: {} }),
    ];
    return (await Promise.allSettled(works)).map((result) => {
      const { reason } = result as PromiseRejectedResult;
      const { constructor, name, message, status, error, requestID } = reason;
      const { retryAfterMs } = toModelError(reason);
      return { constructor, name, message, status, error, requestID, retryAfterMs };
    });
  };

  test.each<[string, (response: ServerResponse) => void]>([
    [
      "by an error of OpenRouter's",
      (response) =>
        sendJson(response, { error: { code: 429, message: "Slow down" } }, 429, {
          "x-request-id": "request-1",
          "retry-after": "7",
        }),
    ],
    ["by JSON that is no error", (response) => sendJson(response, { message: "No" }, 400)],
    ["by a web page", (response) => void response.writeHead(502).end("<h1>Bad gateway</h1>")],
    ["by nothing", (response) => void response.writeHead(503).end()],
  ])("%s", async (_, fail) => {
    await using server = await serve(fail);
    const [own, ours] = await failuresAt(server.url);
    expect(own?.status).toBeGreaterThanOrEqual(400);
    expect(own?.retryAfterMs).toBe(own?.status === 429 ? 7000 : undefined);
    expect(ours).toEqual(own);
  });

  test("where nobody listens", async () => {
    const { url } = await closedServer();
    const [own, ours] = await failuresAt(url);
    expect(own?.constructor).toBe(OpenAIClient.APIConnectionError);
    expect(ours).toEqual(own);
  });

  test("with the status of an answer whose explanation is cut off", async () => {
    await using server = await serve((response) => {
      response.writeHead(500, { "content-length": 100 });
      response.write("<h1>", () => response.destroy());
    });
    const [own, ours] = await failuresAt(server.url);
    expect(own?.status).toBe(500);
    expect(ours?.status).toBe(500);
  });
});

test("takes whatever a fetch throws for a failed connection, and after an abort for that", async () => {
  const thrower = (() => Promise.reject(new Error("gone"))) as typeof fetch;
  const endpoint = await open("http://127.0.0.1", { fetch: thrower });
  const kindOf = (signal?: AbortSignal) =>
    endpoint.post(request, { headers: {}, signal }).then(() => "none", classify);
  expect(await kindOf()).toBe("connection_error");
  expect(await kindOf(AbortSignal.abort("enough"))).toBe("aborted");
});

async function closedServer() {
  await using server = await serve(answer);
  return { url: server.url };
}
