import { z } from "zod";
import { readVectors } from "../completions/index.ts";
import { ArgumentError } from "../errors/index.ts";
import { problemsOf } from "../input/check-input.ts";
import type { Usage } from "../usage/index.ts";
import type { DocumentCallOptions, DocumentCalls, DocumentEndpoint } from "./document-calls.ts";
import { modelId, text } from "./document-schemas.ts";

/** Request of `orchestra.embeddings.create()`: OpenRouter's fields, and any other that a server supports. */
export interface EmbeddingsRequest {
  readonly model: string;
  /** One text, or several; none may be empty. */
  readonly input: string | readonly string[];
  /** Dimensions of the vectors, if the model supports it. */
  readonly dimensions?: number | undefined;
  /** The purpose of the texts, for models that distinguish them: `search_query`, `search_document`, … */
  readonly input_type?: string | undefined;
  readonly [field: string]: unknown;
}

/** The result of `orchestra.embeddings.create()`. */
export interface EmbeddingsResult {
  /** Model that answered, by the provider's name. */
  readonly model: string;
  /** One vector for each text of the input, in its order; all of them with the same number of dimensions. */
  readonly vectors: readonly Float32Array<ArrayBuffer>[];
  readonly usage: Usage;
}

/** Vectors of texts. */
export interface Embeddings {
  /**
   * Converts texts to vectors, which are near each other if the texts mean the same. The call has the
   * same retries, limits, budgets and records as every other, under the role `embeddings`.
   *
   * It is one request, whose answer may have at most 500,000 numbers and `LLM_MAX_EVENT_BYTES`: send 100 texts
   * at a time, or fewer.
   *
   * @throws {ArgumentError} for an invalid request or invalid options, before anything is sent
   * @throws {CallFailedError} when retries are used up; also for an answer that does not have one vector
   * of finite numbers for each text
   * @throws the signal's reason on an abort
   *
   * @example
   * ```ts
   * const { vectors } = await orchestra.embeddings.create({
   *   model: "openai/text-embedding-3-small",
   *   input: ["A cat sat on the mat.", "A kitten rested on the rug."],
   * });
   * ```
   */
  create(request: EmbeddingsRequest, options?: DocumentCallOptions): Promise<EmbeddingsResult>;
}

const requestSchema = z.looseObject({
  model: modelId,
  input: z.union([text, z.array(text).min(1, "is empty: expected a text")], {
    error: "must be a text, or a list of texts, none of them empty",
  }),
  dimensions: z.int("must be a whole number").positive("must be greater than 0").optional(),
  input_type: z.string("must be a text").optional(),
});

const endpoint: DocumentEndpoint<Float32Array<ArrayBuffer>[]> = {
  role: "embeddings",
  path: "/embeddings",
  textFields: (texts) => ({ input: texts }),
  read: (body, texts) => readVectors(body, texts.length),
};

export async function createEmbeddings(
  calls: DocumentCalls,
  request: EmbeddingsRequest,
  options: DocumentCallOptions,
): Promise<EmbeddingsResult> {
  const where = "embeddings.create()";
  if (!requestSchema.safeParse(request).success) {
    const problems = problemsOf(requestSchema, request, "request");
    throw new ArgumentError(`${where}: ${problems}`);
  }
  const { model, input, encoding_format: _, ...fields } = request;
  const texts = typeof input === "string" ? [input] : input;
  const { result, record } = await calls.send(endpoint, { model, texts, fields, options, where });
  return { model: record.servedModel ?? model, vectors: result, usage: usageOf(record) };
}

/** The usage in a record. */
export function usageOf(record: Usage): Usage {
  const { promptTokens, completionTokens, cachedTokens, reasoningTokens, costUsd } = record;
  return { promptTokens, completionTokens, cachedTokens, reasoningTokens, costUsd };
}
