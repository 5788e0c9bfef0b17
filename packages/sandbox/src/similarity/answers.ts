import type { JsonObject } from "../wire/chat-request.ts";
import type { DocumentModel } from "./document-model.ts";
import { relevance } from "./features.ts";
import { base64Of, vectorOf } from "./vector.ts";

/** A request to embed or to rank texts. */
export interface DocumentRequest {
  readonly model: string;
  /** The inputs; of a ranking, the query and the documents. */
  readonly texts: readonly string[];
  readonly dimensions?: number;
  readonly topN?: number;
  readonly asksForBase64?: boolean;
}

/**
 * The body of an answer.
 *
 * @param head - Its fields in addition to the vectors or the ranking.
 */
export function answerDocuments(
  request: DocumentRequest,
  model: DocumentModel,
  head: JsonObject,
): JsonObject {
  const result = model.kind === "embeddings" ? embed(request, model) : rank(request);
  const body = { ...head, ...result };
  return model.alter ? model.alter(body) : body;
}

function embed({ texts, dimensions, asksForBase64 }: DocumentRequest, model: DocumentModel) {
  const data = texts.map((text, index) => {
    const vector = vectorOf(text, dimensions ?? model.dimensions);
    const embedding = asksForBase64 ? base64Of(vector) : vector;
    return { object: "embedding", index, embedding };
  });
  return { object: "list", data };
}

function rank({ texts: [query = "", ...documents], topN }: DocumentRequest) {
  const results = documents.map((text, index) => ({
    index,
    relevance_score: relevance(query, text),
    document: { text },
  }));
  const sorted = results.toSorted((a, b) => b.relevance_score - a.relevance_score);
  return { results: sorted.slice(0, topN) };
}
