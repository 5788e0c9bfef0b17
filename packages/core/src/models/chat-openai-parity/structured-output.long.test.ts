import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { Runnable } from "@langchain/core/runnables";
import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import type { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import * as z3 from "zod/v3";
import { completion, toolCompletion, type Json } from "../__fixtures__/openai-completion.ts";
import type { Answer } from "../__fixtures__/openai-server.ts";
import { describeParity, type ParityCase } from "../__fixtures__/parity.ts";
import { recordCallbacks } from "../__fixtures__/record-callbacks.ts";

interface Trip extends Record<string, unknown> {
  city: string;
  days: number;
}

const jsonSchema = {
  title: "trip",
  description: "A trip",
  type: "object",
  properties: { city: { type: "string" }, days: { type: "number" } },
  required: ["city", "days"],
  additionalProperties: false,
};

function isTrip(value: unknown): value is Trip {
  const { city, days } = (value ?? {}) as Partial<Trip>;
  return typeof city === "string" && typeof days === "number";
}

/** A schema of no library, by the Standard Schema and Standard JSON Schema interfaces. */
const standardSchema: SerializableSchema<Trip> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => (isTrip(value) ? { value } : { issues: [{ message: "is not a trip" }] }),
    jsonSchema: { input: () => jsonSchema, output: () => jsonSchema },
  },
};

const zod4 = z
  .object({ city: z.string().describe("Where to"), days: z.number() })
  .describe("A trip");
const zod3 = z3.object({ city: z3.string(), days: z3.number() }).describe("A trip");
const functionDefinition = { name: "plan_trip", description: "A trip", parameters: jsonSchema };

const schemas = {
  "zod 4": zod4,
  "zod 3": zod3,
  "a JSON schema": jsonSchema,
  "a Standard Schema": standardSchema,
  "a function definition": functionDefinition,
};
type SchemaName = keyof typeof schemas;

/** Answers with JSON, in a call of the tool if the request has one. */
function answering(json: string): (body: Json) => Answer {
  return ({ tools }) => {
    const [tool] = (tools ?? []) as readonly { readonly function: { readonly name: string } }[];
    return tool ? toolCompletion(tool.function.name, json) : completion({ content: json });
  };
}

function structured(model: ChatOpenAI, schema: SchemaName, config?: object) {
  // The overloads of withStructuredOutput do not take a union of schemas.
  const runnable: unknown = model.withStructuredOutput<Trip>(schemas[schema] as Json, config);
  return runnable as Runnable<BaseLanguageModelInput, Trip>;
}

const trip = { city: "Paris", days: 3 };
const paris = answering(JSON.stringify(trip));

const formats = {
  jsonSchema: { response_format: { type: "json_schema" } },
  functionCalling: { tools: [{ type: "function" }], tool_choice: { type: "function" } },
  jsonMode: { response_format: { type: "json_object" } },
};
type Method = keyof typeof formats;
const methods = ["jsonSchema", "functionCalling", "jsonMode"] as const;

/** A schema and how it is asked for, and the parts of the request that say so. */
function asked(
  name: string,
  schema: SchemaName,
  config: object,
  body: Json,
  more: Partial<ParityCase> = {},
): ParityCase {
  return {
    name,
    answer: paris,
    run: (model) => structured(model, schema, config).invoke("Hi"),
    body,
    sees: trip,
    ...more,
  };
}

const combinations = (["zod 4", "zod 3", "a JSON schema", "a Standard Schema"] as const).flatMap(
  (schema) => methods.map((method): readonly [SchemaName, Method] => [schema, method]),
);

function thrownBy(action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch {
    return true;
  }
}

/** Every object that a stream yields. */
async function yielded(model: ChatOpenAI, schema: SchemaName, config?: object) {
  const objects: unknown[] = [];
  for await (const value of await structured(model, schema, config).stream("Hi")) {
    objects.push(structuredClone(value));
  }
  return objects;
}

describeParity("structured output by schema and method", [
  ...combinations.map(([schema, method]) =>
    asked(`${schema} by ${method}`, schema, { method }, formats[method]),
  ),
  ...(["zod 4", "zod 3", "a JSON schema", "a Standard Schema"] as const).map((schema) =>
    asked(`${schema} without a method`, schema, {}, formats.jsonSchema),
  ),
  asked(
    "a function definition by functionCalling",
    "a function definition",
    { method: "functionCalling" },
    {
      tools: [{ type: "function", function: functionDefinition }],
      tool_choice: { type: "function", function: { name: "plan_trip" } },
    },
  ),
  asked("a model without JSON schemas", "zod 4", {}, formats.functionCalling, {
    fields: { model: "gpt-4" },
  }),
]);

describeParity("options of structured output", [
  asked(
    "name by jsonSchema",
    "zod 4",
    { name: "trip_plan" },
    {
      response_format: { json_schema: { name: "trip_plan", description: "A trip" } },
    },
  ),
  asked(
    "name by functionCalling",
    "zod 4",
    { name: "trip_plan", method: "functionCalling" },
    {
      tools: [{ function: { name: "trip_plan", description: "A trip" } }],
      tool_choice: { function: { name: "trip_plan" } },
    },
  ),
  asked(
    "the title of a JSON schema",
    "a JSON schema",
    { method: "functionCalling" },
    {
      tools: [{ function: { name: "trip", description: "A trip", parameters: jsonSchema } }],
    },
  ),
  asked(
    "strict true by jsonSchema",
    "a JSON schema",
    { strict: true },
    {
      response_format: { json_schema: { strict: true, schema: jsonSchema } },
    },
  ),
  asked(
    "strict false by jsonSchema",
    "a JSON schema",
    { strict: false },
    {
      response_format: { json_schema: { strict: false } },
    },
  ),
  asked(
    "strict true by functionCalling",
    "zod 4",
    { strict: true, method: "functionCalling" },
    {
      tools: [{ function: { strict: true } }],
    },
  ),
  asked(
    "strict false by functionCalling",
    "a JSON schema",
    { strict: false, method: "functionCalling" },
    {
      tools: [{ function: { strict: false } }],
    },
  ),
  {
    name: "strict by jsonMode is refused",
    run: (model) =>
      thrownBy(() => structured(model, "zod 4", { method: "jsonMode", strict: true })),
    requests: 0,
    sees: true,
  },
  {
    name: "an unknown method is refused",
    run: (model) => thrownBy(() => structured(model, "zod 4", { method: "telepathy" })),
    requests: 0,
    sees: true,
  },
  ...methods.map((method) =>
    asked(`includeRaw by ${method}`, "zod 4", { method, includeRaw: true }, formats[method], {
      sees: { parsed: trip, raw: { type: "ai", usage_metadata: { total_tokens: 17 } } },
    }),
  ),
  asked("includeRaw of a JSON schema", "a JSON schema", { includeRaw: true }, formats.jsonSchema, {
    sees: { parsed: trip, raw: { content: JSON.stringify(trip) } },
  }),
  ...(["functionCalling", "jsonMode"] as const).map((method) =>
    asked(
      `includeRaw of an answer that does not fit, by ${method}`,
      "zod 4",
      { method, includeRaw: true },
      {},
      {
        answer: answering('{"city":7}'),
        repairs: true,
        sees: { parsed: null, raw: { type: "ai" } },
      },
    ),
  ),
  ...methods.map((method) =>
    asked(
      `an answer that does not fit, by ${method}`,
      "zod 4",
      { method },
      {},
      {
        answer: answering('{"city":7}'),
        repairs: true,
        rejects: true,
        sees: {},
      },
    ),
  ),
  asked(
    "an answer that is not JSON",
    "a JSON schema",
    {},
    {},
    {
      answer: completion({ content: "Paris" }),
      repairs: true,
      rejects: true,
      sees: {},
    },
  ),
  asked(
    "options of the constructor stay",
    "zod 4",
    {},
    { temperature: 0.2, top_p: 0.6 },
    {
      fields: { temperature: 0.2, topP: 0.6 },
    },
  ),
]);

describeParity("structured output of streams", [
  {
    name: "growing objects of a JSON schema",
    answer: paris,
    run: async (model) => {
      const objects = await yielded(model, "a JSON schema");
      return { grows: objects.length > 2, first: objects[0], last: objects.at(-1), objects };
    },
    sees: { grows: true, last: trip },
  },
  {
    name: "growing objects of a tool call",
    answer: paris,
    run: async (model) => {
      const objects = await yielded(model, "a JSON schema", { method: "functionCalling" });
      return { grows: objects.length > 2, last: objects.at(-1), objects };
    },
    sees: { grows: true, last: trip },
  },
  ...methods.map((method) => ({
    name: `zod 4 by ${method}`,
    answer: paris,
    run: async (model: ChatOpenAI) => {
      const objects = await yielded(model, "zod 4", { method });
      // The role model also yields the objects before the last, as they grow.
      return { last: objects.at(-1) };
    },
    sees: { last: trip },
  })),
  {
    name: "includeRaw",
    answer: paris,
    run: async (model) => {
      const parts = (await yielded(model, "a JSON schema", {
        includeRaw: true,
      })) as readonly Json[];
      return {
        parsed: parts.map(({ parsed }) => parsed).findLast((value) => value !== undefined),
      };
    },
    sees: { parsed: trip },
  },
]);

describeParity("structured output as a runnable", [
  {
    name: "batch",
    answer: paris,
    run: (model) => structured(model, "zod 4").batch(["a", "b"]),
    requests: 2,
    sees: [trip, trip],
  },
  {
    name: "pipe",
    answer: paris,
    run: (model) =>
      structured(model, "zod 4")
        .pipe(({ city }) => city.toUpperCase())
        .invoke("Hi"),
    sees: "PARIS",
  },
  {
    name: "ls_structured_output_format reaches the callbacks",
    answer: paris,
    run: async (model) => {
      const { handler, of } = recordCallbacks();
      await structured(model, "a JSON schema").invoke("Hi", { callbacks: [handler] });
      await awaitAllCallbacks();
      const { options } = of("start")[0] ?? {};
      return (options as Json)["ls_structured_output_format"];
    },
    sees: { kwargs: { method: "json_schema" }, schema: { title: "trip", type: "object" } },
  },
]);
