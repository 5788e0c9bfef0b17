import { InMemoryCache } from "@langchain/core/caches";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { load } from "@langchain/core/load";
import { ChatOpenAI, type ChatOpenAICallOptions, type ChatOpenAIFields } from "@langchain/openai";
import { expect, test } from "vitest";
import { z } from "zod";
import { completion, toolCompletion, type Json } from "../__fixtures__/openai-completion.ts";
import { creatorOf, describeParity, type ParityCase } from "../__fixtures__/parity.ts";
import { recordCallbacks } from "../__fixtures__/record-callbacks.ts";
import { textOf } from "../__fixtures__/text-of.ts";

const addTool = {
  type: "function" as const,
  function: { name: "add", parameters: { type: "object", properties: {} } },
};

type Options = Partial<ChatOpenAICallOptions>;

/** What tracing is told at the start of a call. */
async function startOf(model: ChatOpenAI, options: Options = {}) {
  const { handler, of } = recordCallbacks();
  await model.invoke("Hi", { ...options, callbacks: [handler] });
  await awaitAllCallbacks();
  return of("start")[0];
}

/** Parameters of the call as tracing sees them. The limit of tokens is compared only where the caller sets one. */
function traced(name: string, fields: ChatOpenAIFields, options: Options, sees: Json): ParityCase {
  return {
    name,
    fields,
    run: async (model) => {
      const { params } = (await startOf(model, options)) ?? {};
      return withoutDefaults(params as Json, fields);
    },
    sees,
  };
}

function withoutDefaults(params: Json, { maxTokens }: ChatOpenAIFields): Json {
  const { max_tokens, max_completion_tokens, ...rest } = params;
  return maxTokens === undefined ? rest : { ...rest, max_tokens, max_completion_tokens };
}

/** Two calls with one cache: who answers the second. */
function cached(name: string, requests: number, calls: readonly [Call, Call]): ParityCase {
  return {
    name,
    requests,
    answer: completion({ content: '{"a":"b"}' }),
    run: async (_model, { create }) => {
      const cache = new InMemoryCache(new Map());
      for (const { fields, options } of calls)
        await create({ ...fields, cache }).invoke("Hi", options);
    },
  };
}

interface Call {
  readonly fields?: ChatOpenAIFields;
  readonly options?: Options;
}

const jsonSchema = (property: string) => ({
  type: "json_schema" as const,
  json_schema: {
    name: "answer",
    schema: { type: "object", properties: { [property]: { type: "string" } } },
  },
});

const differences: readonly (readonly [string, Call, Call])[] = [
  ["temperature", { fields: { temperature: 0 } }, { fields: { temperature: 1 } }],
  ["no temperature and one", {}, { fields: { temperature: 1 } }],
  ["maxTokens", { fields: { maxTokens: 10 } }, { fields: { maxTokens: 20 } }],
  ["topP", { fields: { topP: 0.1 } }, { fields: { topP: 0.2 } }],
  ["model", { fields: { model: "openai/gpt-4o" } }, { fields: { model: "openai/gpt-4.1" } }],
  ["modelKwargs", { fields: { modelKwargs: { a: 1 } } }, { fields: { modelKwargs: { a: 2 } } }],
  ["stop", { options: { stop: ["A"] } }, { options: { stop: ["B"] } }],
  ["seed", { options: { seed: 1 } }, { options: { seed: 2 } }],
  ["tools", {}, { options: { tools: [addTool] } }],
  [
    "tool_choice",
    { options: { tools: [addTool] } },
    { options: { tools: [addTool], tool_choice: "none" } },
  ],
  [
    "response_format",
    { options: { response_format: jsonSchema("a") } },
    { options: { response_format: jsonSchema("b") } },
  ],
];

/** A model as `JSON.stringify` has it. */
interface Serialized {
  readonly lc: number;
  readonly type: string;
  readonly id: readonly string[];
  readonly kwargs: Json;
}

const fields: ChatOpenAIFields = {
  temperature: 0.3,
  maxTokens: 64,
  stop: ["A"],
  n: 1,
  user: "user-7",
};

/** Tracing, cache and serialization. */
export function describeTracing(): void {
  describeParity("tracing", [
    traced(
      "invocation_params of the constructor",
      { temperature: 0.3, topP: 0.9, maxTokens: 64, stop: ["A"] },
      {},
      {
        model: "openai/gpt-4o",
        temperature: 0.3,
        top_p: 0.9,
        max_tokens: 64,
        stop: ["A"],
      },
    ),
    traced(
      "invocation_params of the call",
      {},
      { stop: ["B"], seed: 4, tools: [addTool], tool_choice: "any" },
      {
        stop: ["B"],
        seed: 4,
        tools: [addTool],
        tool_choice: "required",
      },
    ),
    traced("invocation_params with modelKwargs", { modelKwargs: { top_k: 40 } }, {}, { top_k: 40 }),
    traced(
      "invocation_params with a format",
      {},
      { response_format: { type: "json_object" } },
      {
        response_format: { type: "json_object" },
      },
    ),
    {
      name: "invocation_params of a stream",
      run: async (model) => {
        const { handler, of } = recordCallbacks();
        await textOf(await model.stream("Hi", { seed: 4, callbacks: [handler] }));
        await awaitAllCallbacks();
        return withoutDefaults(of("start")[0]?.params as Json, {});
      },
      sees: { model: "openai/gpt-4o", seed: 4 },
    },
    {
      name: "invocationParams()",
      fields: { temperature: 0.3, maxTokens: 64, user: "user-7" },
      run: (model) => model.invocationParams({ stop: ["A"] }),
      requests: 0,
      sees: {
        model: "openai/gpt-4o",
        temperature: 0.3,
        max_tokens: 64,
        user: "user-7",
        stop: ["A"],
      },
    },
    {
      name: "options of the call",
      run: async (model) => {
        const options = (await startOf(model, { seed: 4, stop: ["A"] }))?.options as Json;
        return { seed: options["seed"], stop: options["stop"] };
      },
      sees: { seed: 4, stop: ["A"] },
    },
    {
      name: "getLsParams",
      fields: { temperature: 0.3, maxTokens: 64 },
      run: (model) => {
        const { ls_provider, ...params } = model.getLsParams({ stop: ["A"] });
        return { ...params, hasProvider: typeof ls_provider === "string" };
      },
      requests: 0,
      sees: {
        ls_model_name: "openai/gpt-4o",
        ls_model_type: "chat",
        ls_temperature: 0.3,
        ls_max_tokens: 64,
        ls_stop: ["A"],
        hasProvider: true,
      },
    },
    {
      name: "ls parameters among the metadata of a run",
      fields: { temperature: 0.3, maxTokens: 64 },
      run: async (model) => {
        const { metadata = {} } = (await startOf(model, { stop: ["A"] })) ?? {};
        const names = [
          "model_name",
          "model_type",
          "temperature",
          "max_tokens",
          "stop",
          "integration",
        ];
        return names.map((name) => metadata[`ls_${name}`]);
      },
      sees: ["openai/gpt-4o", "chat", 0.3, 64, ["A"], "langchain_chat_model"],
    },
    {
      name: "tags, metadata and runName of withConfig",
      run: async (model) => {
        const bound = model.withConfig({
          tags: ["red"],
          metadata: { team: "blue" },
          runName: "greeting",
        });
        const { tags, metadata, runName } = (await startOf(bound as ChatOpenAI)) ?? {};
        return { tags, team: metadata?.["team"], runName };
      },
      sees: { tags: ["red"], team: "blue", runName: "greeting" },
    },
    {
      name: "the end of a run has its message and its tokens",
      answer: toolCompletion("add", '{"a":1}'),
      run: async (model) => {
        const { handler, of } = recordCallbacks();
        await model.invoke("Hi", { callbacks: [handler] });
        await awaitAllCallbacks();
        return of("end").map(({ output }) => output);
      },
      sees: [
        {
          generations: [[{ message: { tool_calls: [{ name: "add", args: { a: 1 } }] } }]],
          llmOutput: { tokenUsage: { promptTokens: 12, completionTokens: 5, totalTokens: 17 } },
        },
      ],
    },
    {
      name: "a failed run calls handleLLMError",
      answer: { status: 400, error: { message: "Bad value" } },
      run: async (model) => {
        const { handler, events } = recordCallbacks();
        await model.invoke("Hi", { callbacks: [handler] }).catch(() => {});
        await awaitAllCallbacks();
        return events.map(({ event }) => event);
      },
      sees: ["start", "error"],
    },
  ]);

  describeParity("cache", [
    ...differences.map(([name, first, second]) =>
      cached(`calls that differ in ${name} do not share an answer`, 2, [first, second]),
    ),
    cached("the same call shares its answer", 1, [
      { fields: { temperature: 0 }, options: { stop: ["A"] } },
      { fields: { temperature: 0 }, options: { stop: ["A"] } },
    ]),
    {
      name: "the same call of a bound model shares its answer",
      run: async (_model, { create }) => {
        const model = create({ cache: new InMemoryCache(new Map()) });
        await model.withConfig({ seed: 1 }).invoke("Hi");
        await model.withConfig({ seed: 1 }).invoke("Hi");
      },
    },
    {
      name: "schemas do not share an answer",
      answer: completion({ content: '{"a":"b","b":"c"}' }),
      run: async (_model, { create }) => {
        const model = create({ cache: new InMemoryCache(new Map()) });
        await model.withStructuredOutput(z.object({ a: z.string() })).invoke("Hi");
        await model.withStructuredOutput(z.object({ a: z.string(), b: z.string() })).invoke("Hi");
        return model.withStructuredOutput(z.object({ a: z.string() })).invoke("Hi");
      },
      requests: 2,
      sees: { a: "b" },
    },
  ]);

  describeParity("serialization and introspection", [
    {
      name: "toJSON has the fields",
      fields,
      run: (model) => {
        const { lc, type, kwargs } = JSON.parse(JSON.stringify(model)) as Serialized;
        const { temperature, max_tokens, stop, n, user } = kwargs;
        return { lc, type, temperature, max_tokens, stop, n, user };
      },
      requests: 0,
      sees: {
        lc: 1,
        type: "constructor",
        temperature: 0.3,
        max_tokens: 64,
        stop: ["A"],
        user: "user-7",
      },
    },
    {
      name: "toJSON has no secret",
      run: (model) => /sk-or-v1-test/.test(JSON.stringify(model)),
      requests: 0,
      sees: false,
    },
    {
      name: "load makes a chat model again",
      fields,
      run: async (model) => {
        const text = JSON.stringify(model);
        const { id } = JSON.parse(text) as Serialized;
        // `load` renames the class that it constructs.
        class Loaded extends ChatOpenAI {}
        const loaded = await load<ChatOpenAI>(text, {
          secretsMap: { OPENAI_API_KEY: "sk-other", OPENROUTER_API_KEY: "sk-other" },
          optionalImportsMap: { [id.slice(0, -1).join("/")]: { [id.at(-1) ?? ""]: Loaded } },
        });
        return {
          model: loaded.model,
          temperature: loaded.temperature,
          maxTokens: loaded.maxTokens,
        };
      },
      requests: 0,
      sees: { model: "openai/gpt-4o", temperature: 0.3, maxTokens: 64 },
    },
    {
      name: "lc_serializable, _llmType and _modelType",
      run: (model) => [model.lc_serializable, model._llmType(), model._modelType()],
      requests: 0,
      sees: [true, "openai", "base_chat_model"],
    },
    {
      name: "fields can be read",
      fields: {
        ...fields,
        topP: 0.9,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        logitBias: { "1": 2 },
      },
      run: ({ model, temperature, maxTokens, stop, n, user, topP, ...rest }) => {
        const { frequencyPenalty, presencePenalty, logitBias } = rest;
        const others = { frequencyPenalty, presencePenalty, logitBias };
        return { model, temperature, maxTokens, stop, n, user, topP, ...others };
      },
      requests: 0,
      sees: {
        model: "openai/gpt-4o",
        temperature: 0.3,
        maxTokens: 64,
        topP: 0.9,
        logitBias: { "1": 2 },
      },
    },
    {
      name: "identifyingParams",
      fields: { temperature: 0.3, topP: 0.9 },
      run: (model) => {
        const { model_name, temperature, top_p } = model.identifyingParams();
        return { model_name, temperature, top_p };
      },
      requests: 0,
      sees: { model_name: "openai/gpt-4o", temperature: 0.3, top_p: 0.9 },
    },
    {
      name: "callKeys",
      run: (model) => Object.fromEntries(model.callKeys.map((key) => [key, true])),
      requests: 0,
      sees: {
        stop: true,
        signal: true,
        tools: true,
        tool_choice: true,
        response_format: true,
        seed: true,
      },
    },
    {
      name: "profile",
      fields: { model: "gpt-4o" },
      run: (model) => model.profile,
      requests: 0,
      sees: {
        maxInputTokens: 128_000,
        toolCalling: true,
        structuredOutput: true,
        imageInputs: true,
      },
    },
  ]);

  test("RoleModel: is a ChatOpenAI, and so is what withConfig returns", () => {
    const model = creatorOf("RoleModel", "http://127.0.0.1:9/api/v1")();
    expect(model).toBeInstanceOf(ChatOpenAI);
    expect(model.withConfig({ seed: 1 })).toBeInstanceOf(ChatOpenAI);
  });
}
