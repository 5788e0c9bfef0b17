import { ContextOverflowError, getRetryable } from "@langchain/core/errors";
import { HumanMessage } from "@langchain/core/messages";
import {
  completion,
  logprobs,
  toolCompletion,
  usage,
  type Json,
  type WireCompletion,
} from "../__fixtures__/openai-completion.ts";
import { describeParity, type ParityCase } from "../__fixtures__/parity.ts";
import { city, wireCall } from "../__fixtures__/tools.ts";

const png = "iVBORw0KGgo=";
const dataUrl = `data:image/png;base64,${png}`;
const call = { id: "call_1", name: "get_weather", args: { city: "Paris" } };

/** An answer, and what the caller must see of it. */
function received(
  name: string,
  answer: WireCompletion,
  sees: unknown,
  more: Partial<ParityCase> = {},
): ParityCase {
  return { name, answer, sees, ...more };
}

const usageMetadata = {
  input_tokens: 12,
  output_tokens: 5,
  total_tokens: 17,
  input_token_details: { cache_read: 4, audio: 1 },
  output_token_details: { reasoning: 2, audio: 3 },
};

function rawMessage(kwargs: Json): Json {
  const { choices } = kwargs["__raw_response"] as WireCompletion;
  return choices[0]?.message ?? {};
}

const failures: readonly (readonly [number, string | undefined, string])[] = [
  [400, undefined, "Bad value"],
  [400, "INVALID_TOOL_RESULTS", "tool_calls must be followed by tool messages"],
  [401, "MODEL_AUTHENTICATION", "Wrong key"],
  [402, undefined, "Insufficient credits"],
  [403, undefined, "Flagged"],
  [404, "MODEL_NOT_FOUND", "No such model"],
  [429, "MODEL_RATE_LIMIT", "Slow down"],
  [500, undefined, "Down"],
  [503, undefined, "No provider"],
];

/** The error and its causes. */
function chainOf(error: unknown): readonly object[] {
  if (typeof error !== "object" || error === null) return [];
  return [error, ...chainOf((error as { cause?: unknown }).cause)];
}

describeParity("messages of whole answers", [
  received("content and type", completion(), { type: "ai", content: "Hello there, world" }),
  received("usage_metadata with details", completion(), { usage_metadata: usageMetadata }),
  received(
    "usage_metadata without details",
    { ...completion(), usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } },
    { usage_metadata: { input_tokens: 3, output_tokens: 4, total_tokens: 7 } },
  ),
  received(
    "tokens written to the cache",
    {
      ...completion(),
      usage: { ...usage, prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 6 } },
    },
    { usage_metadata: { input_token_details: { cache_read: 4, cache_creation: 6 } } },
  ),
  received("response_metadata", completion(), {
    response_metadata: {
      tokenUsage: { promptTokens: 12, completionTokens: 5, totalTokens: 17 },
      finish_reason: "stop",
      model_provider: "openai",
      model_name: "gpt-4o-2024-08-06",
      system_fingerprint: "fp_parity",
      usage,
    },
  }),
  received("finish_reason length", completion({}, "length"), {
    content: "Hello there, world",
    response_metadata: { finish_reason: "length" },
  }),
  received("a tool call", toolCompletion("get_weather", city), {
    content: "",
    tool_calls: [{ ...call, type: "tool_call" }],
    additional_kwargs: { tool_calls: [wireCall] },
    response_metadata: { finish_reason: "tool_calls" },
  }),
  received(
    "two tool calls beside text",
    completion(
      { content: "Wait", tool_calls: [wireCall, { ...wireCall, id: "call_2" }] },
      "tool_calls",
    ),
    {
      content: "Wait",
      tool_calls: [{ id: "call_1" }, { id: "call_2", args: { city: "Paris" } }],
    },
  ),
  received(
    "a function call",
    completion(
      { content: null, function_call: { name: "get_weather", arguments: city } },
      "function_call",
    ),
    { additional_kwargs: { function_call: { name: "get_weather", arguments: city } } },
  ),
  received("reasoning_content", completion({ reasoning_content: "Let me think" }), {
    content: "Hello there, world",
    additional_kwargs: { reasoning_content: "Let me think" },
  }),
  {
    name: "annotations in the raw response",
    fields: { __includeRawResponse: true },
    answer: completion({ annotations: [{ type: "url_citation", url_citation: { url: "u" } }] }),
    run: async (model) => rawMessage((await model.invoke("Hi")).additional_kwargs)["annotations"],
    sees: [{ type: "url_citation", url_citation: { url: "u" } }],
  },
  received(
    "images of OpenRouter",
    completion({ images: [{ type: "image_url", image_url: { url: dataUrl } }] }),
    {
      content: [
        { type: "text", text: "Hello there, world" },
        { type: "image", url: dataUrl },
      ],
    },
  ),
  {
    name: "generations of several prompts",
    run: (model) => model.generate([[new HumanMessage("a")], [new HumanMessage("b")]]),
    requests: 2,
    sees: {
      generations: [
        [{ text: "Hello there, world" }],
        [{ generationInfo: { finish_reason: "stop" } }],
      ],
      llmOutput: { tokenUsage: { promptTokens: 24, completionTokens: 10, totalTokens: 34 } },
    },
  },
  {
    name: "logprobs of a generation",
    fields: { logprobs: true },
    answer: completion({}, "stop", { logprobs }),
    run: async (model) =>
      (await model.generate([[new HumanMessage("a")]])).generations[0]?.[0]?.generationInfo,
    sees: { finish_reason: "stop", logprobs: { content: logprobs.content } },
  },
]);

describeParity("errors", [
  ...failures.map(([status, lc_error_code, message]) => ({
    name: `${status} ${message}`,
    answer: { status, error: { message } },
    rejects: true,
    sees: lc_error_code === undefined ? { status } : { status, lc_error_code },
  })),
  ...failures.map(([status, lc_error_code, message]) => ({
    name: `${status} ${message}, of a stream`,
    answer: { status, error: { message } },
    run: (model: Parameters<NonNullable<ParityCase["run"]>>[0]) => model.stream("Hi"),
    rejects: true,
    sees: lc_error_code === undefined ? { status } : { status, lc_error_code },
  })),
  ...[
    { status: 401, retryable: false },
    { status: 404, retryable: false },
    { status: 429, retryable: true },
  ].map(({ status, retryable }) => ({
    name: `${status} says whether a retry may succeed`,
    answer: { status, error: { message: "Failed" } },
    run: (model: Parameters<NonNullable<ParityCase["run"]>>[0]) =>
      model.invoke("Hi").catch((error: unknown) => getRetryable(error)),
    sees: retryable,
  })),
  {
    name: "a prompt that is too long",
    answer: {
      status: 400,
      error: {
        message: "This model's maximum context length is 8192 tokens",
        code: "context_length_exceeded",
      },
    },
    run: (model) =>
      model
        .invoke("Hi")
        .catch((error: unknown) =>
          chainOf(error).some((one) => ContextOverflowError.isInstance(one)),
        ),
    sees: true,
  },
]);
