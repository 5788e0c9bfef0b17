import { InMemoryCache } from "@langchain/core/caches";
import { tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import {
  defineRole,
  Orchestra,
  type CallRecord,
  type OrchestraEvent,
  type RequestFields,
} from "@orchestra/core";
import { FakeClock } from "@orchestra/core/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answer, refusal, startScriptedServer, toolCall, type Answer } from "./scripted-server.ts";

/* Which models and request fields reach a server, and where a call goes when one of them fails. */

// oxlint-disable-next-line typescript/no-explicit-any -- requests are looked at as JSON
type Body = Record<string, any>;

interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: FakeClock;
  /** The server's catalog. */
  readonly catalog?: readonly object[];
}

async function start(
  respond: (body: Body, turn: number) => Answer,
  { environment = {}, clock, catalog }: StartOptions = {},
) {
  const server = await startScriptedServer(respond, catalog);
  const records: CallRecord[] = [];
  const events: OrchestraEvent[] = [];
  const orchestra = new Orchestra({
    onCall: (record) => records.push(record),
    onEvent: (event) => events.push(event),
    ...(clock ? { clock } : {}),
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-models-0123456789",
      OPENROUTER_BASE_URL: server.url,
      OPENROUTER_DEFAULT_MODEL: "server/model",
      LLM_MAX_RETRIES: "0",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      LOG_LEVEL: "silent",
      PORTKEY_GATEWAY_URL: server.url,
      ...environment,
    },
  });
  const models = () => server.requests.map((body) => body["model"]);
  return { ...server, orchestra, records, events, models };
}

const hello = answer({ content: "Hello." });
const piece = (content: string, finish_reason: string | null = null) => ({
  id: "gen-1",
  object: "chat.completion.chunk",
  model: "server/model",
  choices: [{ index: 0, delta: { content }, finish_reason }],
});

/** A second model at the same server, to fall back on. */
const withFallback = {
  PORTKEY_FALLBACKS: JSON.stringify([{ provider: "openrouter", model: "server/other" }]),
};

describe("names and tools that OpenAI's client sends to /responses", () => {
  test.each([
    "openai/gpt-5.6",
    "gpt-5.6-terra",
    "openai/gpt-5.3-codex",
    "openai/gpt-5.4-pro",
    "o1-pro",
  ])("%s is sent to chat completions, whole and streamed, and falls back", async (model) => {
    await using t = await start(
      (body) => {
        if (body["model"] === model) return refusal("Overloaded", 503);
        return body["stream"] ? { events: [piece("Hello."), piece("", "stop")] } : hello;
      },
      { environment: { ...withFallback, OPENROUTER_DEFAULT_MODEL: model } },
    );
    expect((await t.orchestra.chat("Hi")).text).toBe("Hello.");
    let text = "";
    for await (const part of await t.orchestra.model.stream("Hi")) text += part.text;
    expect(text).toBe("Hello.");
    expect(new Set(t.received.map(({ url }) => url))).toEqual(new Set(["/v1/chat/completions"]));
    expect(t.models()).toContain(model);
  });

  test("built-in tools are sent unchanged", async () => {
    await using t = await start(() => hello);
    const model = t.orchestra.model.bindTools([{ type: "web_search" }]);
    expect((await model.invoke("Hi")).text).toBe("Hello.");
    expect(t.received[0]?.url).toBe("/v1/chat/completions");
    expect(t.requests[0]?.["tools"]).toEqual([{ type: "web_search" }]);
  });
});

describe("request fields", () => {
  const fields: RequestFields = {
    top_p: 0.5,
    stop: ["END"],
    n: 1,
    logprobs: true,
    top_logprobs: 2,
    user: "user-1",
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    seed: 7,
    provider: { order: ["openai"], data_collection: "deny" },
    models: ["server/third"],
    plugins: [{ id: "web" }],
    reasoning: { effort: "low" },
    session_id: "session-1",
  };

  test("can be set in the environment, for the account and for each role", async () => {
    await using t = await start(() => hello, {
      environment: {
        OPENROUTER_PROVIDER: '{"sort":"price","data_collection":"allow"}',
        AGENT_REQUEST_MAP: JSON.stringify({ writer: fields }),
      },
    });
    await t.orchestra.chat("Hi");
    await t.orchestra.chat("Hi", { agent_type: "writer" });
    expect(t.requests[0]?.["provider"]).toEqual({ sort: "price", data_collection: "allow" });
    expect(t.requests[1]).toMatchObject({
      ...fields,
      provider: { ...fields.provider, sort: "price" },
    });
  });

  test("can be set for a role, before those of the account", async () => {
    await using t = await start(() => hello, {
      environment: { OPENROUTER_PROVIDER: '{"sort":"price"}' },
    });
    await t.orchestra.modelFor("writer", { request: fields }).invoke("Hi");
    expect(t.requests[0]).toMatchObject({
      ...fields,
      provider: { ...fields.provider, sort: "price" },
    });
    const role = defineRole({
      name: "reader",
      system: "Read.",
      input: z.object({}),
      output: z.object({ text: z.string() }),
      request: fields,
    });
    await t.orchestra
      .agent(role)
      .invoke({})
      .catch(() => undefined);
    expect(t.requests[1]).toMatchObject(fields);
  });

  test("can be set for a call, before those of the role, with headers", async () => {
    await using t = await start(() => hello);
    const model = t.orchestra.modelFor("writer", { request: { top_p: 0.9, seed: 1 } });
    await model.invoke("Hi", {
      request: fields,
      temperature: 0.25,
      maxTokens: 77,
      options: { headers: { "x-team": "blue" } },
    });
    expect(t.requests[0]).toMatchObject({ ...fields, temperature: 0.25, max_tokens: 77 });
    expect(t.received[0]?.headers["x-team"]).toBe("blue");
  });

  test("can be set for a stream, and by LangChain's names", async () => {
    await using t = await start(() => ({ events: [piece("Hello."), piece("", "stop")] }));
    const stream = await t.orchestra.model.stream("Hi", {
      topP: 0.5,
      stop: ["END"],
      user: "user-1",
      frequencyPenalty: 0.1,
      maxTokens: 77,
      temperature: 0.25,
      provider: { order: ["openai"] },
    });
    for await (const _ of stream) void _;
    expect(t.requests[0]).toMatchObject({
      top_p: 0.5,
      stop: ["END"],
      user: "user-1",
      frequency_penalty: 0.1,
      max_tokens: 77,
      temperature: 0.25,
      provider: { order: ["openai"] },
    });
  });
});

describe("a temperature that the catalog does not list for the model", () => {
  const catalog = [
    { id: "server/model", context_length: 8000, supported_parameters: ["max_tokens", "tools"] },
  ];

  test("is left out with one event for the route, and is in each record", async () => {
    await using t = await start(() => hello, { catalog });
    // The route learns what its model takes where a call asks for it.
    await t.orchestra.model
      .withStructuredOutput(z.object({ text: z.string() }))
      .invoke("Hi")
      .catch(() => undefined);
    t.requests.length = 0;
    t.records.length = 0;
    for (let call = 0; call < 3; call += 1) {
      await t.orchestra.chat("Hi", { temperature: 0.3, topP: 0.5 });
    }
    for (const body of t.requests) {
      expect(body).not.toHaveProperty("temperature");
      expect(body["top_p"]).toBe(0.5);
    }
    expect(t.events.filter(({ type }) => type === "adapt")).toMatchObject([
      {
        model: "server/model",
        parameter: "temperature",
        message: expect.stringContaining("catalog"),
      },
    ]);
    for (const { attempts } of t.records) {
      expect(attempts).toMatchObject([{ adapted: ["temperature"] }]);
    }
  });

  test("a call without one has no such event", async () => {
    await using t = await start(() => hello, { catalog });
    await t.orchestra.chat("Hi");
    await t.orchestra.chat("Hi");
    expect(t.events.filter(({ type }) => type === "adapt")).toEqual([]);
  });
});

describe("a broken stream", () => {
  const half: Answer = { events: [piece("Hel")], isCut: true };
  const whole: Answer = { events: [piece("Hello."), piece("", "stop")] };
  const read = async (orchestra: Orchestra) => {
    let text = "";
    for await (const part of await orchestra.model.stream("Hi")) {
      text = part.response_metadata["restart"] === undefined ? text + part.text : part.text;
    }
    return text;
  };

  test("is sent again to the next route, and counts as a failure of the first one", async () => {
    await using t = await start((body) => (body["model"] === "server/other" ? whole : half), {
      environment: { ...withFallback, LLM_STREAM_RESTARTS: "1" },
    });
    for (let call = 0; call < 3; call += 1) {
      expect(await read(t.orchestra)).toBe("Hello.");
      expect(t.models().slice(-2)).toEqual(["server/model", "server/other"]);
    }
    expect(t.requests).toHaveLength(6);
    // Three broken streams in a row have opened the circuit of the first model.
    expect(await read(t.orchestra)).toBe("Hello.");
    expect(t.models().slice(6)).toEqual(["server/other"]);
    expect(t.events).toContainEqual(expect.objectContaining({ type: "circuit", to: "open" }));
  });
});

test("without a catalog, a request that is too long is sent to a fallback with a larger context", async () => {
  await using t = await start(
    (body) =>
      body["model"] === "server/other"
        ? hello
        : {
            status: 400,
            json: {
              error: {
                code: "context_length_exceeded",
                message: "This model's maximum context length is 4096 tokens.",
              },
            },
          },
    { environment: withFallback },
  );
  expect((await t.orchestra.chat("Hi")).text).toBe("Hello.");
  expect(t.models()).toEqual(["server/model", "server/other"]);
});

test("after a long outage, the primary is used again within one cooldown, and a failed test request is not retried", async () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 1));
  let isDown = true;
  await using t = await start(
    (body) => (body["model"] === "server/model" && isDown ? refusal("Overloaded", 503) : hello),
    { clock, environment: { ...withFallback, LLM_CIRCUIT_COOLDOWN: "30" } },
  );
  const call = async () => {
    const before = t.requests.length;
    await t.orchestra.chat("Hi");
    return t.models().slice(before);
  };
  for (let failure = 0; failure < 3; failure += 1) {
    expect(await call()).toEqual(["server/model", "server/other"]);
  }
  for (let probe = 0; probe < 20; probe += 1) {
    expect(await call()).toEqual(["server/other"]);
    await clock.advance(30_000);
    expect(await call()).toEqual(["server/model", "server/other"]);
  }
  isDown = false;
  await clock.advance(30_000);
  expect(await call()).toEqual(["server/model"]);
});

test("LangChain's cache distinguishes calls by their parameters, schema and model", async () => {
  await using t = await start((_, turn) => answer({ content: `{"text":"${turn}"}` }));
  const cache = new InMemoryCache();
  const model = t.orchestra.modelFor("writer", { cache });
  const ask = async (options: object, asked = model) => (await asked.invoke("Hi", options)).text;
  const calls = [
    {},
    { maxTokens: 5 },
    { maxTokens: 6 },
    { temperature: 0 },
    { temperature: 0.5 },
    { request: { top_p: 0.5 } },
    { stop: ["END"] },
    { provider: { order: ["openai"] } },
  ];
  const first = [];
  for (const options of calls) first.push(await ask(options));
  expect(new Set(first).size).toBe(calls.length);
  for (const [at, options] of calls.entries()) expect(await ask(options)).toBe(first[at]);
  const other = t.orchestra.modelFor("writer", { cache, model: "server/other" });
  expect(first).not.toContain(await ask({}, other));
  const text = model.withStructuredOutput(z.object({ text: z.string() }));
  const strict = model.withStructuredOutput(z.object({ text: z.string().max(9) }));
  const answers = [await text.invoke("Hi"), await strict.invoke("Hi")];
  expect(new Set(answers.map((each) => each.text)).size).toBe(2);
});

describe("the keys of a fallback", () => {
  const catalogEntry = { provider: "@openai-prod", model: "gpt-4o" };
  const ownEntry = { provider: "openai", model: "gpt-4o", api_key: "sk-of-openai-0123" };
  const environment = {
    PORTKEY_FALLBACKS: JSON.stringify([catalogEntry, ownEntry]),
    VIRTUAL_KEY: "openai-prod-0123",
    OPENROUTER_HEADERS:
      '{"Authorization":"Bearer of-the-proxy-0123","X-Access-Token":"of-the-proxy","X-Title":"Mine"}',
    LLM_MAX_RETRIES: "0",
  };
  const down = () => refusal("Down", 503);

  test("are not replaced by VIRTUAL_KEY or by a header for OpenRouter", async () => {
    await using gateway = await startScriptedServer(down);
    await using t = await start(down, {
      environment: { ...environment, PORTKEY_GATEWAY_URL: gateway.url },
    });
    const configuration = { defaultHeaders: { authorization: "Bearer of-the-role-0123" } };
    const model = t.orchestra.modelFor("writer", { configuration });
    await expect(model.invoke("Hi")).rejects.toThrow("Down");
    const [ofCatalog, own] = gateway.received.map(({ headers }) => headers);
    expect(ofCatalog).not.toHaveProperty("x-portkey-virtual-key");
    expect(ofCatalog).not.toHaveProperty("authorization");
    expect(own).toMatchObject({
      authorization: "Bearer sk-of-openai-0123",
      "x-title": "Mine",
      "x-portkey-forward-headers": "X-Title",
    });
  });

  test("are not replaced either where the gateway falls back", async () => {
    await using gateway = await startScriptedServer(() => hello);
    await using t = await start(down, {
      environment: {
        ...environment,
        PORTKEY_GATEWAY_URL: gateway.url,
        PREFERRED_LLM_PROVIDER: "portkey",
        PORTKEY_MODE: "gateway",
      },
    });
    await t.orchestra.chat("Hi");
    const headers = gateway.received[0]?.headers ?? {};
    // It would apply to all targets.
    expect(headers).not.toHaveProperty("x-portkey-forward-headers");
    const config = JSON.parse(String(headers["x-portkey-config"]));
    const [primary, ofCatalog, own] = config.targets;
    expect(primary.forward_headers).toEqual(["Authorization", "X-Access-Token", "X-Title"]);
    expect(ofCatalog).not.toHaveProperty("virtual_key");
    expect(ofCatalog).not.toHaveProperty("api_key");
    expect(own).toMatchObject({ api_key: "sk-of-openai-0123", forward_headers: ["X-Title"] });
  });
});

describe("PORTKEY_MODE=gateway", () => {
  const environment = {
    ...withFallback,
    PREFERRED_LLM_PROVIDER: "portkey",
    PORTKEY_MODE: "gateway",
  };

  test("limits the time of each target, and sends a placeholder for a missing key", async () => {
    await using gateway = await startScriptedServer(() => hello);
    await using t = await start(() => hello, {
      environment: {
        ...environment,
        PORTKEY_GATEWAY_URL: gateway.url,
        LLM_REQUEST_TIMEOUT: "20",
        OPENROUTER_API_KEY: "",
      },
    });
    expect((await t.orchestra.chat("Hi")).text).toBe("Hello.");
    const config = JSON.parse(String(gateway.received[0]?.headers["x-portkey-config"]));
    expect(config.request_timeout).toBe(10_000);
    expect(config.targets).toHaveLength(2);
    for (const target of config.targets) expect(target.api_key ?? target.virtual_key).toBeTruthy();
  });
});

test("interrupt() without a checkpointer ends the agent after one request", async () => {
  await using t = await start((body) =>
    body["messages"].at(-1)?.role === "tool"
      ? answer({ content: '{"text":"Done"}' })
      : answer({ content: null, tool_calls: [toolCall("ask", {})] }, "tool_calls"),
  );
  const ask = tool(() => interrupt("May I?"), {
    name: "ask",
    description: "Asks a person",
    schema: z.object({}),
  });
  const role = defineRole({
    name: "asker",
    system: "Ask.",
    input: z.object({}),
    output: z.object({ text: z.string() }),
    tools: [ask],
  });
  await expect(t.orchestra.agent(role).invoke({})).rejects.toThrow(/checkpointer/);
  expect(t.requests).toHaveLength(1);
});
