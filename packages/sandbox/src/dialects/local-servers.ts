import type { JsonObject } from "../wire/chat-request.ts";
import type { Body, Chunk, Dialect, Piece } from "./dialect.ts";
import {
  joinToolCalls,
  rewriteMessage,
  rewriteToolCalls,
  usageWithFinish,
  withDelta,
  without,
} from "./rewrite.ts";

const openai = { format: "openai" } as const;

/** Servers that people run themselves, with answers as in their source code. */
export const localServerDialects: readonly Dialect[] = [
  {
    name: "vllm",
    description: "vLLM: null in every field, long ids of tool calls, stop_reason.",
    ...openai,
    chunks: (chunks) =>
      chunks.map((chunk) => ({
        ...chunk,
        choices: chunk.choices.map((choice) => ({ ...choice, stop_reason: null, token_ids: null })),
      })),
    body: (body) => ({
      ...body,
      choices: body.choices.map((choice) => ({
        ...choice,
        stop_reason: null,
        message: {
          ...choice.message,
          tool_calls: choice.message.tool_calls ?? [],
          reasoning_content: null,
          function_call: null,
          annotations: null,
          audio: null,
        },
      })),
      usage: { ...body.usage, prompt_tokens_details: null },
      prompt_logprobs: null,
      kv_transfer_params: null,
    }),
  },
  {
    name: "ollama",
    description: "Ollama: each chunk has the role, tool calls come whole, no logprobs.",
    ...openai,
    chunks: (chunks, context) =>
      joinToolCalls(chunks, context).map((chunk) => ({
        ...withRole(chunk),
        system_fingerprint: "fp_ollama",
      })),
    body: (body) => ({ ...body, system_fingerprint: "fp_ollama" }),
  },
  {
    name: "llama-cpp",
    description: "llama.cpp: content null at first, usage with the finish, timings.",
    ...openai,
    chunks: (chunks) =>
      usageWithFinish(chunks).map((chunk, index) => {
        if (index === 0) return withDelta(chunk, { role: "assistant", content: null });
        return chunk.usage === undefined ? chunk : { ...chunk, timings: { predicted_n: 1 } };
      }),
    body: (body) => ({ ...body, timings: { predicted_n: 1, predicted_ms: 20.5 } }),
  },
  {
    // Source: https://lmstudio.ai/docs/developer/rest/endpoints, its own API, v0.
    name: "lm-studio",
    description: "LM Studio: stats and model_info in the answer, no usage in a stream.",
    ...openai,
    reportsUsage: false,
    chunks: (chunks) => chunks.filter(({ choices }) => choices.length > 0),
    body: (body) => ({
      ...without(body, "usage"),
      stats: { tokens_per_second: 51.4, stop_reason: "eosFound" },
      model_info: { arch: "llama", quant: "Q4_K_M" },
    }),
  },
  {
    // Source: huggingface/text-generation-inference, router/src/chat.rs and router/src/lib.rs.
    name: "tgi",
    description: "Text Generation Inference: empty ids, all tool calls with id 0 and index 0.",
    ...openai,
    chunks: (chunks, context) =>
      tgiCalls
        .chunks(chunks, context)
        .map((chunk) => (isChunk(chunk) ? { ...withRole(chunk), id: "" } : chunk)),
    body: (body) => ({ ...wholeTgiCalls(body), id: "" }),
    event: (json) => `data:${json}\n\n`,
  },
  {
    // Source: sgl-project/sglang, python/sglang/srt/entrypoints/openai/sse_utils.py. Newer versions
    // omit the fields of a delta that are null in older ones.
    name: "sglang",
    description: "SGLang: matched_stop, ids without a prefix, null in deltas.",
    ...openai,
    chunks: (chunks) =>
      chunks.map((chunk) => ({
        ...chunk,
        id: chunk.id.replace("chatcmpl-", ""),
        choices: chunk.choices.map((choice) => ({
          ...choice,
          logprobs: null,
          matched_stop: choice.finish_reason ? 151_645 : null,
          delta: { reasoning_content: null, tool_calls: null, ...choice.delta },
        })),
      })),
    body: (body) => ({ ...body, metadata: { weight_version: "default" } }),
  },
  {
    name: "litellm",
    description: "LiteLLM's proxy: the usage of a stream in a chunk with an empty choice.",
    ...openai,
    headers: { "x-litellm-version": "1.79.0", "x-litellm-response-cost": "0.0000123" },
    chunks: (chunks) =>
      chunks.map((chunk) =>
        chunk.usage === undefined
          ? chunk
          : { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: null }], citations: null },
      ),
    body: rewriteMessage((message) => ({
      function_call: null,
      provider_specific_fields: { refusal: null },
      ...message,
    })).body,
  },
];

/** Each piece has the id and the index, and only the first one the name. */
const tgiCalls = rewriteToolCalls((call) => ({
  index: 0,
  id: "0",
  type: "function",
  function: { name: call.function.name ?? null, arguments: call.function.arguments },
}));

/** In a whole answer, the arguments are an object. */
const wholeTgiCalls = rewriteToolCalls((call) => ({
  id: "0",
  type: "function",
  function: { ...call.function, arguments: JSON.parse(call.function.arguments || "{}") },
})).body as (body: Body) => JsonObject;

function isChunk(piece: Piece): piece is Chunk {
  return typeof piece === "object";
}

function withRole(chunk: Chunk): Chunk {
  const delta = chunk.choices[0]?.delta;
  return withDelta(chunk, { role: "assistant", content: "", ...delta });
}
