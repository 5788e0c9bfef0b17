import type { OpenAIClient } from "@langchain/openai";

export type Completion = OpenAIClient.Chat.Completions.ChatCompletion;
export type CompletionChunk = OpenAIClient.Chat.Completions.ChatCompletionChunk;

/** What OpenRouter adds to a completion or a chunk of one, beside what OpenAI's types know. */
export interface OpenRouterFields {
  readonly provider?: string;
  readonly error?: unknown;
}

/** What OpenRouter adds to a choice: an error that came after the model had begun. */
export interface OpenRouterChoiceFields {
  readonly error?: unknown;
}
