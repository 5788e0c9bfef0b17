import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { tool } from "@langchain/core/tools";
import type { ChatOpenAICallOptions } from "@langchain/openai";
import { expect, test } from "vitest";
import { z } from "zod";
import * as z3 from "zod/v3";
import { completion, toolCompletion, type Json } from "../__fixtures__/openai-completion.ts";
import { startOpenAIServer } from "../__fixtures__/openai-server.ts";
import { creatorOf, describeParity, type ParityCase } from "../__fixtures__/parity.ts";
import { recordCallbacks } from "../__fixtures__/record-callbacks.ts";
import { textOf } from "../__fixtures__/text-of.ts";

const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const weatherFunction = { name: "get_weather", description: "Tells the weather", parameters };
const weatherTool = { type: "function" as const, function: weatherFunction };
const timeTool = tool(({ zone }) => zone, {
  name: "get_time",
  description: "Tells the time",
  schema: z.object({ zone: z.string() }),
});
const city = '{"city":"Paris"}';
const cityFormat = (schema: Json | z.ZodObject | z3.ZodObject<z3.ZodRawShape>) => ({
  type: "json_schema" as const,
  json_schema: { name: "city", description: "A city", schema },
});

/** An option of a call, and what the request must have for it. */
function sent(
  name: string,
  options: Partial<ChatOpenAICallOptions>,
  body: Json,
  more: Partial<ParityCase> = {},
): ParityCase {
  return { name, run: (model) => model.invoke("Hi", options), body, ...more };
}

const toolChoices: readonly (readonly [
  string,
  NonNullable<ChatOpenAICallOptions["tool_choice"]>,
  unknown,
])[] = [
  ["auto", "auto", "auto"],
  ["none", "none", "none"],
  ["any", "any", "required"],
  ["required", "required", "required"],
  ["a name", "get_weather", { type: "function", function: { name: "get_weather" } }],
  [
    "an object",
    { type: "function", function: { name: "get_weather" } },
    { type: "function", function: { name: "get_weather" } },
  ],
];

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

/** Options of one call, and models bound to options. */
export function describeCallOptions(): void {
  describeParity("call options for tools", [
    sent("tools in OpenAI's format", { tools: [weatherTool] }, { tools: [weatherTool] }),
    sent(
      "tools of LangChain",
      { tools: [timeTool] },
      { tools: [{ function: { name: "get_time" } }] },
    ),
    ...toolChoices.map(([name, tool_choice, wire]) =>
      sent(`tool_choice is ${name}`, { tools: [weatherTool], tool_choice }, { tool_choice: wire }),
    ),
    sent(
      "parallel_tool_calls",
      { tools: [weatherTool], parallel_tool_calls: false },
      { parallel_tool_calls: false },
    ),
    sent(
      "strict true",
      { tools: [weatherTool], strict: true },
      { tools: [{ function: { strict: true } }] },
    ),
    sent(
      "strict false",
      { tools: [weatherTool], strict: false },
      { tools: [{ function: { strict: false } }] },
    ),
    sent("no tools", { tools: [] }, {}, { without: ["tools"] }),
    sent(
      "functions and function_call",
      { functions: [weatherFunction], function_call: { name: "get_weather" } },
      { functions: [weatherFunction], function_call: { name: "get_weather" } },
      {
        answer: completion(
          { content: null, function_call: { name: "get_weather", arguments: city } },
          "function_call",
        ),
        sees: { additional_kwargs: { function_call: { name: "get_weather", arguments: city } } },
      },
    ),
    {
      name: "bindTools",
      answer: toolCompletion("get_time", '{"zone":"UTC"}'),
      run: (model) => model.bindTools([timeTool, weatherTool]).invoke("Hi"),
      body: { tools: [{ function: { name: "get_time" } }, weatherTool] },
      sees: { tool_calls: [{ name: "get_time", args: { zone: "UTC" }, id: "call_1" }] },
    },
    {
      name: "bindTools with options",
      run: (model) =>
        model
          .bindTools([weatherTool], {
            tool_choice: "any",
            strict: true,
            parallel_tool_calls: false,
          })
          .invoke("Hi"),
      body: {
        tools: [{ function: { strict: true } }],
        tool_choice: "required",
        parallel_tool_calls: false,
      },
    },
  ]);

  describeParity("call options for formats", [
    sent(
      "response_format text",
      { response_format: { type: "text" } },
      { response_format: { type: "text" } },
    ),
    sent(
      "response_format json_object",
      { response_format: { type: "json_object" } },
      { response_format: { type: "json_object" } },
      { answer: completion({ content: city }), sees: { content: city } },
    ),
    sent(
      "response_format with a JSON schema",
      { response_format: cityFormat(parameters) },
      {
        response_format: { type: "json_schema", json_schema: { name: "city", schema: parameters } },
      },
      { answer: completion({ content: city }), sees: { content: city } },
    ),
    sent(
      "response_format with a zod 4 schema",
      { response_format: cityFormat(z.object({ city: z.string() })) },
      {
        response_format: {
          json_schema: { name: "city", strict: true, schema: { type: "object" } },
        },
      },
      {
        answer: completion({ content: city }),
        sees: { content: city, additional_kwargs: {} },
      },
    ),
    sent(
      "response_format with a zod 3 schema",
      { response_format: cityFormat(z3.object({ city: z3.string() })) },
      {
        response_format: {
          json_schema: { name: "city", strict: true, schema: { type: "object" } },
        },
      },
      { answer: completion({ content: city }), sees: { content: city } },
    ),
  ]);

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
    sent(
      "promptCacheRetention",
      { promptCacheRetention: "24h" },
      { prompt_cache_retention: "24h" },
    ),
    sent(
      "promptCacheOptions",
      { promptCacheOptions: { mode: "explicit" } },
      { prompt_cache_options: { mode: "explicit" } },
    ),
    sent(
      "verbosity",
      { verbosity: "high" },
      { verbosity: "high" },
      { fields: { verbosity: "low" } },
    ),
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
        const text = await textOf(
          await model.stream("Hi", { promptIndex: 3, callbacks: [handler] }),
        );
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

  describeParity("bound chat models", [
    {
      name: "withConfig returns a chat model with the options",
      run: async (model) => {
        const bound = model.withConfig({ stop: ["END"], seed: 1 });
        return { isChatModel: bound instanceof BaseChatModel, answer: await bound.invoke("Hi") };
      },
      body: { stop: ["END"], seed: 1 },
      sees: { isChatModel: true },
    },
    {
      name: "withConfig twice joins the options",
      run: (model) =>
        model
          .withConfig({ stop: ["A"], seed: 1 })
          .withConfig({ seed: 2 })
          .invoke("Hi"),
      body: { stop: ["A"], seed: 2 },
    },
    {
      name: "options of the call before those of withConfig",
      run: (model) => model.withConfig({ seed: 1, stop: ["A"] }).invoke("Hi", { seed: 3 }),
      body: { seed: 3, stop: ["A"] },
    },
    {
      name: "withConfig applies to streams",
      run: async (model) => textOf(await model.withConfig({ seed: 5 }).stream("Hi")),
      body: { seed: 5 },
      sees: "Hello there, world",
    },
    {
      name: "withConfig keeps the constructor's options",
      fields: { temperature: 0.1, topP: 0.5 },
      run: (model) => model.withConfig({ seed: 5 }).invoke("Hi"),
      body: { temperature: 0.1, top_p: 0.5, seed: 5 },
    },
    {
      name: "withConfig leaves the model as it was",
      run: (model) => {
        model.withConfig({ seed: 5 });
        return model.invoke("Hi");
      },
      without: ["seed"],
    },
    {
      name: "bindTools returns a chat model",
      run: async (model) => {
        const bound = model.bindTools([weatherTool]);
        return { isChatModel: bound instanceof BaseChatModel, answer: await bound.invoke("Hi") };
      },
      sees: { isChatModel: true },
    },
    {
      name: "bindTools, withConfig and withStructuredOutput in a chain",
      answer: completion({ content: city }),
      run: (model) =>
        ((model.bindTools([weatherTool]) as typeof model).withConfig({ seed: 9 }) as typeof model)
          .withStructuredOutput(z.object({ city: z.string() }), { method: "jsonMode" })
          .invoke("Hi"),
      body: { tools: [weatherTool], seed: 9, response_format: { type: "json_object" } },
      sees: { city: "Paris" },
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
}
