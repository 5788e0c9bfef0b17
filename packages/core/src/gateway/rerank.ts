import { z } from "zod";
import { readRanking, type RankedDocument } from "../completions/index.ts";
import { ArgumentError } from "../errors/index.ts";
import { problemsOf } from "../input/check-input.ts";
import type { Usage } from "../usage/index.ts";
import type { DocumentCallOptions, DocumentCalls, DocumentEndpoint } from "./document-calls.ts";
import { modelId, text } from "./document-schemas.ts";
import { usageOf } from "./embeddings.ts";

/** Request of `orchestra.rerank.create()`: OpenRouter's fields, and any other that a server supports. */
export interface RerankRequest {
  readonly model: string;
  readonly query: string;
  /** The texts to rank; none may be empty. */
  readonly documents: readonly string[];
  /** Number of documents in the answer. @defaultValue all */
  readonly top_n?: number | undefined;
  readonly [field: string]: unknown;
}

/** The result of `orchestra.rerank.create()`. */
export interface RerankResult {
  /** Model that answered, by the provider's name. */
  readonly model: string;
  /** The most relevant document first. A server may omit some. */
  readonly results: readonly RankedDocument[];
  readonly usage: Usage;
}

/** Rankings of texts. */
export interface Rerank {
  /**
   * Sorts documents by their relevance to a query. The call has the same retries, limits,
   * budgets and records as every other, under the role `rerank`.
   *
   * @throws {ArgumentError} for an invalid request or invalid options, before anything is sent
   * @throws {CallFailedError} when retries are used up; also for an answer that does not rank the documents
   * @throws the signal's reason on an abort
   *
   * @example
   * ```ts
   * const { results } = await orchestra.rerank.create({
   *   model: "cohere/rerank-v3.5",
   *   query: "What is the capital of France?",
   *   documents: ["Berlin is the capital of Germany.", "Paris is the capital of France."],
   * });
   * console.log(results[0]?.index); // 1
   * ```
   */
  create(request: RerankRequest, options?: DocumentCallOptions): Promise<RerankResult>;
}

const requestSchema = z.looseObject({
  model: modelId,
  query: text,
  documents: z
    .array(text, "must be a list of texts, none of them empty")
    .min(1, "is empty: expected a text"),
  top_n: z.int("must be a whole number").positive("must be greater than 0").optional(),
});

const endpoint: DocumentEndpoint<RankedDocument[]> = {
  role: "rerank",
  path: "/rerank",
  textFields: ([query, ...documents]) => ({ query, documents }),
  read: (body, texts) => readRanking(body, texts.length - 1),
};

export async function createRanking(
  calls: DocumentCalls,
  request: RerankRequest,
  options: DocumentCallOptions,
): Promise<RerankResult> {
  const where = "rerank.create()";
  if (!requestSchema.safeParse(request).success) {
    const problems = problemsOf(requestSchema, request, "request");
    throw new ArgumentError(`${where}: ${problems}`);
  }
  const { model, query, documents, ...fields } = request;
  const texts = [query, ...documents];
  const { result, record } = await calls.send(endpoint, { model, texts, fields, options, where });
  return { model: record.servedModel ?? model, results: result, usage: usageOf(record) };
}
