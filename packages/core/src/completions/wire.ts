import type { OpenAIClient } from "@langchain/openai";

export type Completion = OpenAIClient.Chat.Completions.ChatCompletion & OpenRouterFields;
export type CompletionChunk = OpenAIClient.Chat.Completions.ChatCompletionChunk & OpenRouterFields;
/** Chunks that arrived together. */
export type ChunkBatch = readonly CompletionChunk[];
export type WireMessage = OpenAIClient.Chat.ChatCompletionMessageParam;
export type WireTool = OpenAIClient.Chat.ChatCompletionTool;

/**
 * The body of a request for a chat completion, as JSON: OpenAI's fields, OpenRouter's, and any other
 * that a server supports.
 */
export interface ChatRequest extends CompletionRequest {
  readonly model: string;
}

/** A request for a completion. Without a model, the role's is used. */
export interface CompletionRequest {
  readonly model?: string | undefined;
  readonly messages: readonly WireMessage[];
  readonly stream?: boolean | null | undefined;
  readonly max_tokens?: number | null | undefined;
  readonly max_completion_tokens?: number | null | undefined;
  readonly tools?: readonly WireTool[] | undefined;
  readonly response_format?: { readonly type: string } | undefined;
  readonly [field: string]: unknown;
}

/** Fields that OpenRouter adds to a completion or a chunk of one. */
export interface OpenRouterFields {
  readonly provider?: string;
  readonly error?: unknown;
  /** Groq's, with the usage of a stream. */
  readonly x_groq?: { readonly usage?: CompletionUsage | undefined };
}

type CompletionUsage = OpenAIClient.Completions.CompletionUsage;

/** Fields that servers add to a choice: an error that came after the model had begun, and the usage. */
export interface OpenRouterChoiceFields {
  readonly error?: unknown;
  readonly usage?: unknown;
  /** The provider's own finish reason. */
  readonly native_finish_reason?: string | null | undefined;
}
