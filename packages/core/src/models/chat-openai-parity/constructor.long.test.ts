import { InMemoryCache } from "@langchain/core/caches";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { HumanMessage } from "@langchain/core/messages";
import { afterEach, expect, test, vi } from "vitest";
import { completion, logprobs } from "../__fixtures__/openai-completion.ts";
import { startOpenAIServer } from "../__fixtures__/openai-server.ts";
import { creatorOf, describeParity, type ParityCase } from "../__fixtures__/parity.ts";
import { recordCallbacks } from "../__fixtures__/record-callbacks.ts";
import { textOf } from "../__fixtures__/text-of.ts";
import { addTool } from "../__fixtures__/tools.ts";

const speech = { id: "audio_1", data: "UklGRg==", transcript: "Good morning", expires_at: 1 };

const requestFields: readonly ParityCase[] = [
  { name: "temperature", fields: { temperature: 0.3 }, body: { temperature: 0.3 } },
  { name: "temperature 0", fields: { temperature: 0 }, body: { temperature: 0 } },
  { name: "topP", fields: { topP: 0.9 }, body: { top_p: 0.9 } },
  {
    name: "frequencyPenalty",
    fields: { frequencyPenalty: 0.5 },
    body: { frequency_penalty: 0.5 },
  },
  { name: "presencePenalty", fields: { presencePenalty: -0.5 }, body: { presence_penalty: -0.5 } },
  {
    name: "logitBias",
    fields: { logitBias: { "50256": -100 } },
    body: { logit_bias: { "50256": -100 } },
  },
  { name: "stop", fields: { stop: ["END"] }, body: { stop: ["END"] } },
  { name: "stopSequences", fields: { stopSequences: ["A", "B"] }, body: { stop: ["A", "B"] } },
  {
    name: "stopSequences before stop",
    fields: { stop: ["END"], stopSequences: ["A"] },
    body: { stop: ["A"] },
  },
  { name: "user", fields: { user: "user-7" }, body: { user: "user-7" } },
  { name: "maxTokens", fields: { maxTokens: 64 }, body: { max_tokens: 64 } },
  { name: "maxCompletionTokens", fields: { maxCompletionTokens: 65 }, body: { max_tokens: 65 } },
  {
    name: "maxTokens of a reasoning model",
    fields: { model: "o3-mini", maxTokens: 66 },
    body: { max_completion_tokens: 66 },
    without: ["max_tokens"],
  },
  {
    name: "maxTokens -1 is not sent",
    fields: { maxTokens: -1 },
    run: async (model, { server }) => {
      await model.invoke("Hi");
      return server.requests.map(({ body }) => body["max_tokens"] === -1);
    },
    sees: [false],
  },
  { name: "model", fields: { model: "openai/gpt-4.1" }, body: { model: "openai/gpt-4.1" } },
  { name: "modelKwargs", fields: { modelKwargs: { top_k: 40 } }, body: { top_k: 40 } },
  {
    name: "modelKwargs with OpenRouter's own names",
    fields: { modelKwargs: { reasoning_effort: "low", provider: { sort: "price" } } },
    body: { reasoning_effort: "low", provider: { sort: "price" } },
  },
  {
    name: "modelKwargs before fields",
    fields: { temperature: 1, modelKwargs: { temperature: 0.1, seed: 4 } },
    body: { temperature: 0.1, seed: 4 },
  },
  {
    name: "supportsStrictToolCalling",
    fields: { supportsStrictToolCalling: true },
    run: (model) => model.bindTools([addTool]).invoke("Hi"),
    body: { tools: [{ function: { name: "add", strict: true } }] },
  },
  {
    name: "reasoning of a reasoning model",
    fields: { model: "o3-mini", reasoning: { effort: "high" } },
    body: { reasoning_effort: "high" },
  },
  {
    name: "reasoning is not sent to other models",
    fields: { reasoning: { effort: "high" } },
    without: ["reasoning_effort", "reasoning"],
  },
  { name: "service_tier", fields: { service_tier: "flex" }, body: { service_tier: "flex" } },
  { name: "promptCacheKey", fields: { promptCacheKey: "k" }, body: { prompt_cache_key: "k" } },
  {
    name: "promptCacheRetention",
    fields: { promptCacheRetention: "in-memory" },
    body: { prompt_cache_retention: "in_memory" },
  },
  {
    name: "promptCacheOptions",
    fields: { promptCacheOptions: { mode: "explicit" } },
    body: { prompt_cache_options: { mode: "explicit" } },
  },
  { name: "verbosity", fields: { verbosity: "low" }, body: { verbosity: "low" } },
];

afterEach(() => vi.restoreAllMocks());

describeParity("constructor options in the request", requestFields);

describeParity("constructor options in the result", [
  {
    name: "n",
    fields: { n: 2 },
    answer: completion([{ content: "One" }, { content: "Two" }]),
    run: async (model) => (await model.generate([[new HumanMessage("Hi")]])).generations,
    body: { n: 2 },
    sees: [[{ text: "One" }, { text: "Two" }]],
  },
  {
    name: "logprobs",
    fields: { logprobs: true },
    answer: completion({}, "stop", { logprobs }),
    body: { logprobs: true },
    sees: { response_metadata: { logprobs: { content: logprobs.content } } },
  },
  {
    name: "topLogprobs",
    fields: { logprobs: true, topLogprobs: 1 },
    answer: completion({}, "stop", { logprobs }),
    body: { logprobs: true, top_logprobs: 1 },
  },
  {
    name: "logprobs of a stream",
    fields: { logprobs: true },
    answer: completion({}, "stop", { logprobs }),
    run: async (model) => {
      const found: unknown[] = [];
      for await (const { response_metadata } of await model.stream("Hi")) {
        if (response_metadata["logprobs"]) found.push(response_metadata["logprobs"]);
      }
      return found;
    },
    sees: logprobs.content.map((entry) => ({ content: [entry] })),
  },
  {
    name: "modalities and audio",
    fields: { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } },
    answer: completion({ content: null, audio: speech }),
    body: { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } },
    sees: { additional_kwargs: { audio: speech } },
  },
  {
    name: "streamUsage false",
    fields: { streamUsage: false },
    run: async (model) => textOf(await model.stream("Hi")),
    sees: "Hello there, world",
  },
  {
    name: "disableStreaming",
    fields: { disableStreaming: true },
    run: async (model) => {
      const contents: unknown[] = [];
      for await (const { content } of await model.stream("Hi")) contents.push(content);
      return contents;
    },
    sees: ["Hello there, world"],
  },
  {
    name: "streaming false disables streaming",
    fields: { streaming: false },
    run: async (model) => {
      const contents: unknown[] = [];
      for await (const { content } of await model.stream("Hi")) contents.push(content);
      return contents;
    },
    sees: ["Hello there, world"],
  },
  {
    name: "__includeRawResponse",
    fields: { __includeRawResponse: true },
    run: async (model) => {
      const { additional_kwargs } = await model.invoke("Hi");
      const {
        id,
        model: served,
        choices,
      } = additional_kwargs["__raw_response"] as ReturnType<typeof completion>;
      return { id, served, content: choices[0]?.message["content"] };
    },
    sees: { id: "chatcmpl-parity", served: "gpt-4o-2024-08-06", content: "Hello there, world" },
  },
  {
    name: "outputVersion v1",
    fields: { outputVersion: "v1" },
    sees: {
      content: [{ type: "text", text: "Hello there, world" }],
      response_metadata: { output_version: "v1" },
    },
  },
]);

describeParity("constructor options of the client", [
  {
    name: "timeout",
    fields: { timeout: 40 },
    answer: "late",
    rejects: true,
  },
  {
    name: "maxRetries 0",
    fields: { maxRetries: 0 },
    answer: { status: 500, error: { message: "down" } },
    rejects: true,
    sees: { status: 500 },
  },
  {
    name: "maxConcurrency",
    fields: { maxConcurrency: 1 },
    run: async (model, { server }) => {
      await model.batch(["a", "b", "c"]);
      return server.maxOpen();
    },
    requests: 3,
    sees: 1,
  },
  {
    name: "configuration.defaultHeaders",
    fields: { configuration: { defaultHeaders: { "X-Test-Team": "red" } } },
    headers: { "x-test-team": "red" },
  },
  {
    name: "configuration.defaultQuery",
    fields: { configuration: { defaultQuery: { "api-version": "7" } } },
    query: "api-version=7",
  },
  {
    name: "configuration.fetch",
    run: async (_model, { create }) => {
      const paths: string[] = [];
      const send: typeof fetch = (url, init) => {
        const { pathname } = new URL(url instanceof Request ? url.url : url);
        if (pathname.endsWith("/completions")) paths.push(pathname);
        return fetch(url, init);
      };
      await create({ configuration: { fetch: send } }).invoke("Hi");
      return paths;
    },
    sees: ["/api/v1/chat/completions"],
  },
  {
    name: "callbacks, tags and metadata",
    run: async (_model, { create }) => {
      const { handler, of } = recordCallbacks();
      const model = create({ callbacks: [handler], tags: ["red"], metadata: { team: "blue" } });
      await model.invoke("Hi");
      await awaitAllCallbacks();
      const [start] = of("start");
      return { tags: start?.tags, team: start?.metadata?.["team"], ends: of("end").length };
    },
    sees: { tags: ["red"], team: "blue", ends: 1 },
  },
  {
    name: "cache",
    run: async (_model, { create }) => {
      const model = create({ cache: new InMemoryCache(new Map()) });
      const first = await model.invoke("Hi");
      const second = await model.invoke("Hi");
      return [first.content, second.content, second.usage_metadata];
    },
    sees: ["Hello there, world", "Hello there, world", { total_tokens: 0 }],
  },
  {
    name: "verbose",
    run: async (_model, { create }) => {
      const log = vi.spyOn(console, "log").mockImplementation(() => {});
      await create({ verbose: true }).invoke("Hi");
      await awaitAllCallbacks();
      const lines = log.mock.calls.map(([line]) => String(line));
      log.mockRestore();
      return lines.map((line) => /\[(llm\/\w+)\]/.exec(line)?.[1]);
    },
    sees: ["llm/start", "llm/end"],
  },
]);

test("RoleModel: streaming true returns the same without counting tokens over the network", async () => {
  await using server = await startOpenAIServer();
  const model = creatorOf("RoleModel", server.url)({ streaming: true });
  const hosts: string[] = [];
  const real = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation((url, init) => {
    const { origin, host } = new URL(url instanceof Request ? url.url : url);
    if (!server.url.startsWith(origin)) hosts.push(host);
    return hosts.length === 0 ? real(url, init) : Promise.reject(new TypeError("no network"));
  });
  const { handler, of } = recordCallbacks();
  const { content, usage_metadata } = await model.invoke("Hi", { callbacks: [handler] });
  await awaitAllCallbacks();
  expect(content).toBe("Hello there, world");
  expect(usage_metadata).toMatchObject({ input_tokens: 12, output_tokens: 5, total_tokens: 17 });
  expect(
    of("token")
      .map(({ token }) => token)
      .join(""),
  ).toBe("Hello there, world");
  expect(server.requests).toMatchObject([{ body: { stream: true } }]);
  expect(hosts).toEqual([]);
});

test.each(["openai/gpt-5.2-codex", "gpt-5.6-sol"])(
  "RoleModel: %s is asked at /chat/completions",
  async (id) => {
    await using server = await startOpenAIServer();
    const model = creatorOf("RoleModel", server.url)({ model: id });
    const [whole, streamed] = [await model.invoke("Hi"), await textOf(await model.stream("Hi"))];
    expect([whole.content, streamed]).toEqual(["Hello there, world", "Hello there, world"]);
    const paths = server.requests.map(({ path }) => path);
    expect(paths).toEqual(["/api/v1/chat/completions", "/api/v1/chat/completions"]);
    expect(server.requests[0]?.body).toMatchObject({ model: id });
  },
);

// ChatOpenAI retries too, but waits for more than a second.

test.each([0, 1, 2])(
  "RoleModel: maxRetries %i counts before the environment",
  async (maxRetries) => {
    const failure = { status: 500, error: { message: "down" } };
    await using server = await startOpenAIServer((_body, place) =>
      place < maxRetries ? failure : completion(),
    );
    const { content } = await creatorOf("RoleModel", server.url)({ maxRetries }).invoke("Hi");
    expect(content).toBe("Hello there, world");
    expect(server.requests).toHaveLength(maxRetries + 1);
  },
);
