import type { AIMessageChunk } from "@langchain/core/messages";
import { concat } from "@langchain/core/utils/stream";
import type { ChatOpenAI } from "@langchain/openai";
import { completion, toolCompletion, usage } from "../__fixtures__/openai-completion.ts";
import { describeParity, type ParityCase } from "../__fixtures__/parity.ts";
import { city, wireCall } from "../__fixtures__/tools.ts";

const audio = { id: "audio_1", data: "UklGRg==", transcript: "Good morning", expires_at: 1 };

/** All chunks of a stream as one message. */
async function whole(model: ChatOpenAI): Promise<AIMessageChunk | undefined> {
  const chunks = await Array.fromAsync(await model.stream("Hi"));
  return chunks.reduce<AIMessageChunk | undefined>(
    (before, chunk) => (before ? concat(before, chunk) : chunk),
    undefined,
  );
}

/** The message that a stream adds up to. */
function streamed(
  name: string,
  answer: ParityCase["answer"],
  sees: unknown,
  more: Partial<ParityCase> = {},
): ParityCase {
  return { name, run: whole, sees, ...(answer === undefined ? {} : { answer }), ...more };
}

describeParity("messages of streams", [
  {
    name: "text in the pieces that the server sends",
    run: async (model) => {
      const chunks = await Array.fromAsync(await model.stream("Hi"));
      return chunks.map(({ text }) => text).filter((text) => text !== "");
    },
    body: { stream: true, stream_options: { include_usage: true } },
    sees: ["Hello ", "there,", " world"],
  },
  streamed("content", undefined, { content: "Hello there, world" }),
  streamed("usage_metadata with details", undefined, {
    usage_metadata: {
      input_tokens: 12,
      output_tokens: 5,
      total_tokens: 17,
      input_token_details: { cache_read: 4, audio: 1 },
      output_token_details: { reasoning: 2, audio: 3 },
    },
  }),
  streamed("response_metadata", undefined, {
    response_metadata: {
      finish_reason: "stop",
      model_name: "gpt-4o-2024-08-06",
      model_provider: "openai",
      system_fingerprint: "fp_parity",
      service_tier: "default",
      usage,
    },
  }),
  streamed("finish_reason length", completion({}, "length"), {
    response_metadata: { finish_reason: "length" },
  }),
  streamed("a tool call", toolCompletion("get_weather", city), {
    tool_calls: [{ name: "get_weather", args: { city: "Paris" }, id: "call_1" }],
  }),
  streamed(
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
  {
    name: "tool_call_chunks",
    answer: toolCompletion("get_weather", city),
    run: async (model) =>
      (await Array.fromAsync(await model.stream("Hi"))).flatMap(
        (chunk) => chunk.tool_call_chunks ?? [],
      ),
    sees: [
      { type: "tool_call_chunk", name: "get_weather", args: "", id: "call_1", index: 0 },
      { args: '{"city', index: 0 },
      { args: '":"Par', index: 0 },
      { args: 'is"}', index: 0 },
    ],
  },
  streamed(
    "a function call",
    completion(
      { content: null, function_call: { name: "get_weather", arguments: city } },
      "function_call",
    ),
    { additional_kwargs: { function_call: { name: "get_weather", arguments: city } } },
  ),
  streamed("reasoning_content", completion({ reasoning_content: "Let me think" }), {
    content: "Hello there, world",
    additional_kwargs: { reasoning_content: "Let me think" },
  }),
  streamed("audio", completion({ content: null, audio }), {
    additional_kwargs: { audio: { id: "audio_1", data: "UklGRg==", transcript: "Good morning" } },
  }),
  {
    name: "several choices",
    fields: { n: 2 },
    answer: completion([{ content: "One" }, { content: "Two" }]),
    run: async (model) =>
      (await Array.fromAsync(await model.stream("Hi"))).flatMap(({ content, response_metadata }) =>
        content === "" ? [] : [[response_metadata["completion"], content]],
      ),
    sees: [
      [0, "One"],
      [1, "Two"],
    ],
  },
  {
    name: "the raw chunks",
    fields: { __includeRawResponse: true },
    run: async (model) =>
      (await Array.fromAsync(await model.stream("Hi"))).flatMap(({ additional_kwargs }) => {
        const raw = additional_kwargs["__raw_response"] as { choices?: unknown } | undefined;
        return raw ? [raw.choices] : [];
      }),
    sees: [
      [{ delta: { role: "assistant", content: "" } }],
      [{ delta: { content: "Hello " } }],
      [{ delta: { content: "there," } }],
      [{ delta: { content: " world" } }],
      [{ delta: {}, finish_reason: "stop" }],
    ],
  },
  streamed(
    "content blocks of version 1",
    undefined,
    { content: ["Hello ", "there,", " world"].map((text) => ({ type: "text", text })) },
    { fields: { outputVersion: "v1" } },
  ),
]);
