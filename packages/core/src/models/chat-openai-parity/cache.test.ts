import { InMemoryCache } from "@langchain/core/caches";
import type { ChatOpenAICallOptions, ChatOpenAIFields } from "@langchain/openai";
import { z } from "zod";
import { completion } from "../__fixtures__/openai-completion.ts";
import { describeParity, type ParityCase } from "../__fixtures__/parity.ts";
import { addTool } from "../__fixtures__/tools.ts";

type Options = Partial<ChatOpenAICallOptions>;

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
