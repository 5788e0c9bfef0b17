import {
  beforeText,
  finishOf,
  joinToolCalls,
  rewriteAll,
  rewriteToolCalls,
  usageWithFinish,
  withDelta,
  without,
} from "./rewrite.ts";
import type { JsonObject } from "../wire/chat-request.ts";
import type { Chunk, Dialect } from "./dialect.ts";
import { withReasoning } from "./content.ts";

const openai = { format: "openai" } as const;
const safe = { hate: { filtered: false, severity: "safe" } };

/** Providers' own endpoints, with answers as in their documentation. */
export const providerDialects: readonly Dialect[] = [
  {
    name: "azure",
    description: "Azure OpenAI: content filter results, first in a chunk without choices.",
    ...openai,
    chunks: (chunks) => [
      {
        id: "",
        object: "",
        created: 0,
        model: "",
        choices: [],
        prompt_filter_results: [{ prompt_index: 0, content_filter_results: safe }],
      },
      ...chunks.map((chunk) => ({
        ...chunk,
        choices: chunk.choices.map((choice) => ({ ...choice, content_filter_results: safe })),
      })),
    ],
    body: (body) => ({
      ...body,
      choices: body.choices.map((choice) => ({ ...choice, content_filter_results: safe })),
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: safe }],
    }),
  },
  {
    name: "gemini",
    description: "Gemini by Google's OpenAI endpoint: whole tool calls, usage in every chunk.",
    ...openai,
    chunks: (chunks, context) => {
      const usage = chunks.at(-1)?.usage;
      const head = without(chunks[0] ?? {}, "choices");
      const joined = joinToolCalls(chunks, context).slice(1);
      return joined
        .filter(({ choices }) => choices.length > 0)
        .map((chunk) => ({ ...head, ...chunk, ...(usage && { usage }) }));
    },
    body: rewriteToolCalls((call) => ({
      ...without(call, "index"),
      extra_content: { google: { thought_signature: "c2lnbmF0dXJl" } },
    })).body,
  },
  {
    name: "deepseek",
    description: "DeepSeek: reasoning_content, keep-alives, empty lines before JSON.",
    ...openai,
    chunks: (chunks, context) => {
      const usage = usageWithFinish(chunks).map(withCacheHits);
      return [": keep-alive\n\n", ...reasoned.chunks(usage, context)];
    },
    body: (body, context) =>
      `\n\n\n${JSON.stringify(withCacheHits(reasonedWhole.body(body, context) as Chunk))}`,
  },
  {
    name: "moonshot",
    description: "Kimi: the usage in the choice, tool calls with ids such as functions.search:0.",
    ...openai,
    chunks: (chunks, context) => {
      const usage = chunks.at(-1)?.usage;
      const named = kimiIds.chunks(chunks, context) as Chunk[];
      return named
        .filter(({ choices }) => choices.length > 0)
        .map((chunk, index) =>
          index === finishOf(chunks) && usage
            ? { ...chunk, choices: chunk.choices.map((choice) => ({ ...choice, usage })) }
            : chunk,
        );
    },
    body: (body, context) => kimiIds.body(body, context),
  },
  {
    // Source: streams that clients of open.bigmodel.cn have recorded in 2025.
    name: "glm",
    description: "GLM by Z.ai: reasoning_content, no object, whole tool calls with the finish.",
    ...openai,
    chunks: (chunks, context) =>
      reasoned
        .chunks(usageWithFinish(joinToolCalls(chunks, context)), context)
        .map((chunk) => (typeof chunk === "object" ? asGlm(chunk as Chunk) : chunk)),
    body: (body) => ({ ...without(body, "object"), request_id: "2026112700000000000001" }),
  },
  {
    // Source: streams that clients of api.minimax.io/v1 have recorded in 2026.
    name: "minimax",
    description: "MiniMax: base_resp, a name in each delta, and usage of zero before the real one.",
    ...openai,
    chunks: (chunks) =>
      chunks.map((chunk) => ({
        ...chunk,
        choices: chunk.choices.map((choice) => ({
          ...choice,
          delta: { ...choice.delta, role: "assistant", name: "MiniMax AI", audio_content: "" },
        })),
        usage: chunk.usage ?? { total_tokens: 0, total_characters: 0 },
        ...insensitive,
      })),
    body: (body) => ({ ...body, ...insensitive, base_resp: success }),
  },
  {
    // Source: https://platform.minimax.io/docs/api-reference/text-post
    name: "minimax-v2",
    description:
      "MiniMax's chatcompletion_v2: the whole message again with the finish of a stream.",
    ...openai,
    chunks: (chunks, context) =>
      usageWithFinish(joinToolCalls(chunks, context)).map((chunk) => {
        if (!chunk.choices[0]?.finish_reason) return { ...chunk, input_sensitive: false };
        const { choices } = context.answer;
        return { ...chunk, object: "chat.completion", choices, base_resp: success };
      }),
    body: (body) => ({ ...body, input_sensitive: false, base_resp: success }),
  },
  {
    name: "mistral",
    description: "Mistral: usage and the last text with the finish, tool calls without a type.",
    ...openai,
    chunks: (chunks, context) => {
      const joined = usageWithFinish(joinToolCalls(chunks, context));
      return typeless.chunks(joined, context);
    },
    body: (body, context) => typeless.body(body, context),
  },
  {
    name: "anthropic",
    description: "Claude through OpenRouter: signed reasoning details, native finish reasons.",
    chunks: (chunks) =>
      beforeText(
        chunks.map(nativeFinish),
        chunks.slice(0, 1).flatMap((chunk) => [
          withDelta(chunk, {
            content: "",
            reasoning: "Let me see.",
            reasoning_details: [
              {
                type: "reasoning.text",
                text: "Let me see.",
                format: "anthropic-claude-v1",
                index: 0,
              },
            ],
          }),
          withDelta(chunk, {
            content: "",
            reasoning_details: [
              {
                type: "reasoning.text",
                signature: "c2ln",
                format: "anthropic-claude-v1",
                index: 0,
              },
            ],
          }),
        ]),
      ),
    body: (body) => nativeFinish(body as unknown as Chunk),
  },
  {
    name: "groq",
    description: "Groq: the usage of a stream in x_groq, with the finish.",
    ...openai,
    chunks: (chunks, context) => {
      const usage = chunks.at(-1)?.usage;
      return joinToolCalls(chunks, context)
        .filter(({ choices }) => choices.length > 0)
        .map((chunk) => {
          const isFinish = Boolean(chunk.choices[0]?.finish_reason);
          return isFinish && usage ? { ...chunk, x_groq: { id: "req_1", usage } } : chunk;
        });
    },
    body: rewriteAll((body) => ({ ...body, x_groq: { id: "req_1" } })).body,
  },
];

const insensitive = {
  input_sensitive: false,
  output_sensitive: false,
  input_sensitive_type: 0,
  output_sensitive_type: 0,
  output_sensitive_int: 0,
};
const success = { status_code: 0, status_msg: "" };
const reasoned = withReasoning((text) => ({ content: null, reasoning_content: text }));
/** In a whole answer, the reasoning is beside the content. */
const reasonedWhole = withReasoning((text) => ({ reasoning_content: text }));
const kimiIds = rewriteToolCalls((call) =>
  call.id === undefined
    ? { ...call }
    : { ...call, id: `functions.${call.function.name}:${call.index}` },
);
const typeless = rewriteToolCalls((call) => without(call, "type"));

/** The role is in each delta, and a finish reason only if there is one. */
function asGlm(chunk: Chunk): JsonObject {
  return {
    ...without(chunk, "object"),
    choices: chunk.choices.map(({ finish_reason, ...choice }) => {
      const finish = choice.delta.tool_calls ? "tool_calls" : finish_reason;
      const delta = { ...choice.delta, role: "assistant" };
      return { ...choice, delta, ...(finish && { finish_reason: finish }) };
    }),
  };
}

function withCacheHits(part: Chunk): Chunk {
  const { usage } = part;
  if (usage === undefined) return part;
  return {
    ...part,
    usage: { ...usage, prompt_cache_hit_tokens: 0, prompt_cache_miss_tokens: usage.prompt_tokens },
  };
}

/** Anthropic's stop reasons. */
function nativeFinish(part: Chunk): Chunk {
  const natives: Record<string, string> = {
    stop: "end_turn",
    tool_calls: "tool_use",
    length: "max_tokens",
  };
  return {
    ...part,
    choices: part.choices.map((choice) => ({
      ...choice,
      native_finish_reason: natives[choice.finish_reason ?? ""] ?? null,
    })),
  };
}
