import type { Completion, CompletionChunk } from "../wire.ts";

/** Usage as OpenRouter reports it. */
export const wireUsage = {
  prompt_tokens: 10,
  completion_tokens: 4,
  total_tokens: 14,
  prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 1 },
  cost: 0.00014,
  is_byok: false,
};

/** The same usage after it is read. */
export const usage = {
  promptTokens: 10,
  completionTokens: 4,
  cachedTokens: 2,
  reasoningTokens: 1,
  costUsd: 0.00014,
};

const envelope = {
  id: "gen-1",
  created: 1_767_225_600,
  model: "openai/gpt-4o-2024-11-20",
  provider: "OpenAI",
};

type Choice = Partial<Completion["choices"][number]> & { readonly error?: unknown };

/** A whole answer; `choice` replaces fields of its only choice, `fields` those of the answer. */
export function completion(choice: object = {}, fields: object = {}): Completion {
  const whole: Choice = {
    index: 0,
    finish_reason: "stop",
    logprobs: null,
    message: { role: "assistant", content: "Hello there", refusal: null },
    ...choice,
  };
  return {
    ...envelope,
    object: "chat.completion",
    choices: [whole],
    usage: wireUsage,
    ...fields,
  } as Completion;
}

/** A chunk of a stream. */
export function chunk(
  delta: object,
  finish_reason: string | null = null,
  fields: object = {},
): CompletionChunk {
  return {
    ...envelope,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason }],
    ...fields,
  } as CompletionChunk;
}

/** The last chunk, which contains the usage. */
export const usageChunk = chunk({}, null, { choices: [], usage: wireUsage });

export const done = "data: [DONE]\n\n";
export const keepAlive = ": OPENROUTER PROCESSING\n\n";

/** A stream of OpenRouter's that succeeds. */
export const helloStream = [
  keepAlive,
  chunk({ role: "assistant", content: "" }),
  chunk({ content: "Hello" }),
  keepAlive,
  chunk({ content: " there" }),
  chunk({ content: "" }, "stop"),
  usageChunk,
  done,
];
