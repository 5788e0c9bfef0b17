import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { expect, test } from "vitest";
import { startOpenAIServer } from "../__fixtures__/openai-server.ts";
import { creatorOf, describeParity, sent } from "../__fixtures__/parity.ts";
import { recordCallbacks } from "../__fixtures__/record-callbacks.ts";
import { textOf } from "../__fixtures__/text-of.ts";

interface OwnOption {
  readonly name: string;
  readonly value: unknown;
  /** @defaultValue `name` */
  readonly wire?: string;
}

/** Options that ChatOpenAI does not take for one call: the wire names of OpenRouter, and three of the constructor. */
const ownOptions: readonly OwnOption[] = [
  { name: "temperature", value: 0.4 },
  { name: "maxTokens", value: 9, wire: "max_tokens" },
  { name: "topP", value: 0.8, wire: "top_p" },
  { name: "top_p", value: 0.7 },
  { name: "provider", value: { order: ["azure"], allow_fallbacks: false } },
  { name: "models", value: ["openai/gpt-4o", "openai/gpt-4o-mini"] },
  { name: "plugins", value: [{ id: "web", max_results: 2 }] },
  { name: "reasoning", value: { effort: "low", exclude: true } },
  { name: "session_id", value: "session-7" },
  { name: "user", value: "user-7" },
  { name: "trace", value: { trace_id: "t-7" } },
  { name: "cache_control", value: { type: "ephemeral" } },
];

describeParity("call options in the request", [
  sent("stop", { stop: ["END"] }, { stop: ["END"] }),
  sent(
    "stop before the constructor's",
    { stop: ["A"] },
    { stop: ["A"] },
    { fields: { stop: ["B"] } },
  ),
  sent("seed", { seed: 42 }, { seed: 42 }),
  sent(
    "service_tier",
    { service_tier: "flex" },
    { service_tier: "flex" },
    { fields: { service_tier: "auto" } },
  ),
  sent(
    "prediction",
    { prediction: { type: "content", content: "Hello" } },
    { prediction: { type: "content", content: "Hello" } },
  ),
  sent(
    "promptCacheKey",
    { promptCacheKey: "c" },
    { prompt_cache_key: "c" },
    { fields: { promptCacheKey: "k" } },
  ),
  sent("promptCacheRetention", { promptCacheRetention: "24h" }, { prompt_cache_retention: "24h" }),
  sent(
    "promptCacheOptions",
    { promptCacheOptions: { mode: "explicit" } },
    { prompt_cache_options: { mode: "explicit" } },
  ),
  sent("verbosity", { verbosity: "high" }, { verbosity: "high" }, { fields: { verbosity: "low" } }),
  sent(
    "modalities and audio",
    { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } },
    { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } },
  ),
  sent(
    "reasoning",
    { reasoning: { effort: "low" } },
    { reasoning_effort: "low" },
    { fields: { model: "o3-mini" } },
  ),
  sent(
    "reasoningEffort",
    { reasoningEffort: "low" },
    { reasoning_effort: "low" },
    { fields: { model: "o3-mini" } },
  ),
  sent(
    "reasoning before reasoningEffort",
    { reasoning: { effort: "high" }, reasoningEffort: "low" },
    { reasoning_effort: "high" },
    { fields: { model: "o3-mini", reasoning: { effort: "medium" } } },
  ),
  sent(
    "configurable is not sent",
    { configurable: { thread_id: "t-1" } },
    {},
    { without: ["configurable", "thread_id"] },
  ),
  sent(
    "ls_structured_output_format is not sent",
    { ls_structured_output_format: { kwargs: { method: "json_mode" }, schema: {} } },
    {},
    { without: ["ls_structured_output_format"] },
  ),
  sent(
    "options.headers",
    { options: { headers: { "X-Test-Call": "7" } } },
    {},
    {
      fields: { configuration: { defaultHeaders: { "X-Test-Team": "red" } } },
      headers: { "x-test-call": "7", "x-test-team": "red" },
    },
  ),
  {
    name: "stream_options before streamUsage",
    fields: { streamUsage: false },
    run: async (model) => {
      const totals: unknown[] = [];
      const options = { stream_options: { include_usage: true } };
      for await (const { usage_metadata } of await model.stream("Hi", options)) {
        if (usage_metadata) totals.push(usage_metadata);
      }
      return totals;
    },
    sees: [{ total_tokens: 17 }],
  },
]);

describeParity("call options of the run", [
  {
    name: "signal ends a call",
    answer: "late",
    run: async (model, { server }) => {
      const controller = new AbortController();
      const call = model.invoke("Hi", { signal: controller.signal });
      await Promise.race([server.arrived, call]);
      controller.abort();
      return call.catch((error: unknown) => (error as Error).name);
    },
    sees: "AbortError",
  },
  {
    name: "signal that is aborted already sends nothing",
    run: (model) => model.invoke("Hi", { signal: AbortSignal.abort() }),
    rejects: true,
    requests: 0,
  },
  {
    name: "timeout",
    answer: "late",
    run: (model) => model.invoke("Hi", { timeout: 40 }),
    rejects: true,
  },
  {
    name: "options.timeout",
    answer: "late",
    run: (model) => model.invoke("Hi", { options: { timeout: 40 } }),
    rejects: true,
  },
  {
    name: "promptIndex of a stream",
    run: async (model) => {
      const { handler, of } = recordCallbacks();
      const text = await textOf(await model.stream("Hi", { promptIndex: 3, callbacks: [handler] }));
      return { text, tokens: of("token") };
    },
    sees: {
      text: "Hello there, world",
      tokens: expect.arrayContaining(
        [{ token: "Hello ", indices: { prompt: 3, completion: 0 } }].map((token) =>
          expect.objectContaining(token),
        ),
      ),
    },
  },
  {
    name: "runName, runId, tags, metadata and callbacks",
    run: async (model) => {
      const { handler, events } = recordCallbacks();
      await model.invoke("Hi", {
        runName: "greeting",
        runId: "0197f3c4-0000-7000-8000-000000000001",
        tags: ["red"],
        metadata: { team: "blue" },
        callbacks: [handler],
      });
      await awaitAllCallbacks();
      const names = events.map(({ event }) => event);
      const { runName, runId, tags, metadata } = events[0] ?? {};
      return { names, runName, runId, tags, team: metadata?.["team"] };
    },
    sees: {
      names: ["start", "end"],
      runName: "greeting",
      runId: "0197f3c4-0000-7000-8000-000000000001",
      tags: ["red"],
      team: "blue",
    },
  },
  {
    name: "outputVersion",
    run: (model) => model.invoke("Hi", { outputVersion: "v1" }),
    sees: { content: [{ type: "text", text: "Hello there, world" }] },
  },
]);

test.each(ownOptions)("RoleModel: $name is an option of a call", async (option) => {
  const { name, value, wire = name } = option;
  await using server = await startOpenAIServer();
  const model = creatorOf("RoleModel", server.url)({ temperature: 1, maxTokens: 50, topP: 0.1 });
  const options: object = { [name]: value };
  await model.invoke("Hi", options);
  await textOf(await model.stream("Hi", options));
  await model.withConfig(options).invoke("Hi");
  expect(server.requests.map(({ body }) => body[wire])).toEqual([value, value, value]);
});

test("RoleModel: options.headers apply to streams, where ChatOpenAI drops them", async () => {
  await using server = await startOpenAIServer();
  const model = creatorOf("RoleModel", server.url)();
  await textOf(await model.stream("Hi", { options: { headers: { "X-Test-Call": "7" } } }));
  expect(server.requests).toMatchObject([{ headers: { "x-test-call": "7" } }]);
});
