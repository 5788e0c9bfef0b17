import type { Model } from "../catalog/model.ts";
import type { JsonObject } from "../wire/chat-request.ts";

/** A model that does not chat: it makes vectors of texts, or puts texts in order. */
export interface DocumentModel extends Model {
  readonly kind: "embeddings" | "rerank";
  /** Of its vectors, where the request names no other number. */
  readonly dimensions: number;
  /** US dollars for a request, beside its tokens. */
  readonly requestUsd: number;
  /** What it makes of an answer: another form, or a wrong one. */
  readonly alter?: (body: JsonObject) => JsonObject;
}
