import { load } from "@langchain/core/load";
import { ChatOpenAI, type ChatOpenAIFields } from "@langchain/openai";
import { expect, test } from "vitest";
import type { Json } from "../__fixtures__/openai-completion.ts";
import { creatorOf, describeParity } from "../__fixtures__/parity.ts";

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
