import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import type { ChatOpenAI, ChatOpenAICallOptions, ChatOpenAIFields } from "@langchain/openai";
import { toolCompletion, type Json } from "../__fixtures__/openai-completion.ts";
import { describeParity, type ParityCase } from "../__fixtures__/parity.ts";
import { recordCallbacks } from "../__fixtures__/record-callbacks.ts";
import { textOf } from "../__fixtures__/text-of.ts";
import { addTool } from "../__fixtures__/tools.ts";

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
