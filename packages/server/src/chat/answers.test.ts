import { expect, test } from "vitest";
import { dataOf, errorOf, hello, post, question } from "../test-support/client.ts";
import { startServerAt, startTestServer } from "../test-support/start-test-server.ts";
import { chunk, document, events, startUpstream } from "../test-support/start-upstream.ts";

const answered = JSON.stringify({
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello." } }],
});

test("an answer is the document of the server of the models, with headers about the call", async () => {
  const answer = {
    id: "gen-1",
    provider: "Example",
    model: "openai/gpt-4o",
    object: "chat.completion",
    created: 1,
    system_fingerprint: "fp_1",
    choices: [
      {
        index: 0,
        finish_reason: "stop",
        native_finish_reason: "end_turn",
        message: { role: "assistant", content: "Hello.", refusal: null, reasoning: "A greeting." },
      },
    ],
    usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6, cost: 0.000_01 },
    a_field_of_the_server: [1.5, null],
  };
  await using upstream = await startUpstream(document(JSON.stringify(answer)));
  await using t = await startServerAt(upstream.url);
  const response = await post(t.url, hello);
  expect(await response.text()).toBe(JSON.stringify(answer));
  const headers = Object.fromEntries(response.headers);
  expect(headers).toMatchObject({
    "content-type": "application/json",
    "x-orchestra-attempts": "1",
    "x-orchestra-fallback": "false",
    "x-orchestra-wait-ms": "0",
    "x-orchestra-overhead-ms": expect.stringMatching(/^\d+(\.\d+)?$/),
    "x-orchestra-run-id": t.records[0]?.runId,
    "x-orchestra-provider": "Example",
  });
});

test("the messages of a large request are passed on unchanged, with the fields of the role", async () => {
  await using upstream = await startUpstream(document(answered));
  await using t = await startServerAt(upstream.url);
  const messages = [{ role: "user", content: `${"Zürich 🚲 \\".repeat(10_000)}"]}` }];
  const body = { messages, model: "agent:researcher", agent_type: null, top_p: 0.5 };
  expect((await post(t.url, body)).status).toBe(200);
  const [sent] = upstream.bodies;
  expect(sent).toMatchObject({ messages, top_p: 0.5 });
  expect(sent).not.toHaveProperty("agent_type");
  expect(sent?.["model"]).not.toBe(body.model);
});

test("a request with a query is answered too", async () => {
  await using t = await startTestServer();
  const response = await fetch(`${t.url}/chat/completions?api-version=1`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ object: "chat.completion" });
});

test("each chunk of a stream is sent as it came", async () => {
  const call = { index: 0, id: "call_1", type: "function" };
  const data = [
    chunk({ role: "assistant", content: "" }),
    chunk({ content: "Zürich 🚲" }),
    chunk({ tool_calls: [{ ...call, function: { name: "find", arguments: "" } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{"q": "a' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '\\u00e9"}' } }] }),
    chunk({}, "tool_calls"),
    '{"id":"gen-1","object":"chat.completion.chunk","created":1,"model":"openai/gpt-4o","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6,"cost":0.00001}}',
  ];
  await using upstream = await startUpstream(events(...data));
  await using t = await startServerAt(upstream.url);
  const tools = [{ type: "function", function: { name: "find", parameters: { type: "object" } } }];
  const response = await post(t.url, { ...hello, tools, stream: true });
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  expect(response.headers.get("x-orchestra-provider")).toBe("Example");
  expect(response.headers.get("x-orchestra-attempts")).toBe("1");
  const received = await dataOf(response);
  expect(received.at(-1)).toBe("[DONE]");
  expect(received.slice(0, -1).map((text) => JSON.parse(text) as unknown)).toEqual(
    data.map((text) => JSON.parse(text) as unknown),
  );
});

test("a text in which nothing has to change is sent byte for byte", async () => {
  // No JSON.stringify() writes them so.
  const oddly = (json: string): string =>
    json.replace("{", '{ "one": 1.0, ').replace("H", "\\u0048");
  const whole = oddly(
    answered.replace("{", '{"object":"chat.completion","system_fingerprint":null,'),
  );
  const pieces = [
    oddly(chunk({ role: "assistant", content: "Hello" })),
    oddly(chunk({ content: "" })),
  ];
  const sendEvents = events(...pieces, chunk({}, "stop"));
  await using upstream = await startUpstream((response, request) =>
    (upstream.bodies.at(-1)?.["stream"] ? sendEvents : document(whole))(response, request),
  );
  await using t = await startServerAt(upstream.url);
  expect(await (await post(t.url, hello)).text()).toBe(whole);
  const received = await dataOf(await post(t.url, { ...hello, stream: true }));
  expect(received.slice(0, 2)).toEqual(pieces);
});

test("headers count the attempts, the waits and the fallback, and errors have them too", async () => {
  await using t = await startTestServer({
    environment: {
      LLM_MAX_RETRIES: "1",
      PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o-mini"}]',
    },
  });
  t.sandbox.order({ fault: "status", status: 503, route: "openrouter", times: 4 });
  for (const stream of [false, true]) {
    const response = await post(t.url, { ...question, stream });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-orchestra-attempts": "3",
      "x-orchestra-fallback": "true",
    });
    await response.text();
  }
  t.sandbox.order({ fault: "status", status: 500 });
  const failed = await post(t.url, hello);
  expect(failed.status).toBe(502);
  expect(failed.headers.get("x-orchestra-attempts")).toMatch(/^[1-4]$/);
});

test("a stream can be asked for whole: what fails upstream is then repeated, and not seen", async () => {
  await using t = await startTestServer({ environment: { LLM_MAX_RETRIES: "1" } });
  t.sandbox.order({ fault: "cut", times: 1 });
  const options = { headers: { "x-orchestra-stream": "whole" } };
  const request = { ...question, stream: true, stream_options: { include_usage: true } };
  const response = await post(t.url, request, options);
  expect(response.headers.get("x-orchestra-attempts")).toBe("2");
  const received = await dataOf(response);
  const chunks = received.slice(0, -1).map((text) => JSON.parse(text) as Chunk);
  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
  expect(text).toContain("1871");
  expect(chunks.at(-1)?.usage?.total_tokens).toBeGreaterThan(0);
  expect(received.at(-1)).toBe("[DONE]");

  const wrong = await post(t.url, request, { headers: { "x-orchestra-stream": "slow" } });
  expect(wrong.status).toBe(400);
  expect((await errorOf(wrong)).message).toContain("expected live or whole");
});

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: { readonly total_tokens: number };
  readonly error?: { readonly message: string; readonly code: string };
}

test("a stream that breaks after its first chunk ends with an error as an event", async () => {
  await using upstream = await startUpstream((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${chunk({ content: "The lighthouse" })}\n\n`, () => response.destroy());
  });
  await using t = await startServerAt(upstream.url);
  const response = await post(t.url, { ...hello, stream: true });
  expect(response.status).toBe(200);
  const received = await dataOf(response);
  expect(received).toHaveLength(3);
  expect(JSON.parse(received[1] ?? "")).toMatchObject({
    choices: [{ index: 0, finish_reason: "error" }],
    error: { type: "service_error", code: "interrupted" },
  });
  expect(received[2]).toBe("[DONE]");
});

test("a stream that starts again is not sent as one text", async () => {
  await using upstream = await startUpstream((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${chunk({ content: "The lighthouse" })}\n\n`, () => response.destroy());
  });
  await using t = await startServerAt(upstream.url, { environment: { LLM_STREAM_RESTARTS: "2" } });
  const received = await dataOf(await post(t.url, { ...hello, stream: true }));
  const texts = received.filter((text) => text.includes("The lighthouse"));
  expect(texts).toHaveLength(1);
  expect(received.at(-2)).toContain("X-Orchestra-Stream: whole");
});
