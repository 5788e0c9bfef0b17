import { tool } from "@langchain/core/tools";
import type { ChatOpenAICallOptions } from "@langchain/openai";
import { z } from "zod";
import * as z3 from "zod/v3";
import { completion, toolCompletion, type Json } from "../__fixtures__/openai-completion.ts";
import { describeParity, sent } from "../__fixtures__/parity.ts";
import { city, weatherFunction, weatherParameters, weatherTool } from "../__fixtures__/tools.ts";

const timeTool = tool(({ zone }) => zone, {
  name: "get_time",
  description: "Tells the time",
  schema: z.object({ zone: z.string() }),
});
const cityFormat = (schema: Json | z.ZodObject | z3.ZodObject<z3.ZodRawShape>) => ({
  type: "json_schema" as const,
  json_schema: { name: "city", description: "A city", schema },
});

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
    { response_format: cityFormat(weatherParameters) },
    {
      response_format: {
        type: "json_schema",
        json_schema: { name: "city", schema: weatherParameters },
      },
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
