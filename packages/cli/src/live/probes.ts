import { lookUpGeneration } from "./look-up-generation.ts";
import { get, post, type Observation, type Target } from "./target.ts";

/** One request that is sent to both servers. */
export interface Probe {
  readonly id: string;
  readonly title: string;
  /** Whether a model answers, which costs money. */
  readonly isPaid: boolean;
  run(target: Target, signal: AbortSignal, last: Observation | undefined): Promise<Observation>;
}

const messages = [{ role: "user", content: "Say hello in one word." }];
/** `max_tokens` of each request; the answers are shorter. */
export const maxTokens = 64;

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      additionalProperties: false,
    },
  },
};
const askWeather = [{ role: "user", content: "What is the weather in Paris? Use the tool." }];

const format = {
  type: "json_schema",
  json_schema: {
    name: "greeting",
    strict: true,
    schema: {
      type: "object",
      properties: { greeting: { type: "string" } },
      required: ["greeting"],
      additionalProperties: false,
    },
  },
};

/** A chat completion with these fields in addition to the model. */
function chat(id: string, title: string, fields: Readonly<Record<string, unknown>>): Probe {
  const body = { messages, max_tokens: maxTokens, ...fields };
  return { id, title, isPaid: true, run: (target, signal) => post(target, body, signal) };
}

function lookUp(id: string, title: string, path: string): Probe {
  return { id, title, isPaid: false, run: (target, signal) => get(target, path, signal) };
}

const toolTurn = [
  ...askWeather,
  {
    role: "assistant",
    content: null,
    tool_calls: [
      {
        id: "call_1",
        type: "function",
        function: { name: "get_weather", arguments: '{"city":"Paris"}' },
      },
    ],
  },
  { role: "tool", tool_call_id: "call_1", content: '{"weather":"sunny"}' },
];

/** All requests, in the order in which they are sent. */
export const probes: readonly Probe[] = [
  lookUp("key", "GET /key", "/key"),
  lookUp("models", "GET /models", "/models"),
  chat("plain", "a whole answer, with usage and cost", {}),
  chat("streamed", "a streamed answer", { stream: true }),
  chat("tools", "a tool call", { messages: askWeather, tools: [weather] }),
  chat("tools-streamed", "a streamed tool call", {
    messages: askWeather,
    tools: [weather],
    stream: true,
  }),
  chat("tool-result", "the answer to a tool's result", { messages: toolTurn, tools: [weather] }),
  chat("schema", "an answer in a JSON schema", { response_format: format }),
  chat("schema-streamed", "the same, streamed", { response_format: format, stream: true }),
  chat("provider", "provider preferences", {
    provider: { sort: "price", allow_fallbacks: true },
  }),
  chat("length", "an answer that is cut off", {
    max_tokens: 16,
    messages: [{ role: "user", content: "Count from one to a hundred in words." }],
  }),
  chat("models-list", "fallbacks of OpenRouter's own", { models: ["openai/gpt-4o-mini"] }),
  {
    id: "generation",
    title: "GET /generation of the last answer",
    isPaid: false,
    run: (target, signal, last) => lookUpGeneration(target, last?.generationId ?? "", signal),
  },
  chat("refused-model", "a model that does not exist", { model: "orchestra/no-such-model" }),
  chat("refused-parameter", "a parameter that is refused", { temperature: 99 }),
];
