import type { Model } from "../catalog/model.ts";
import type { JsonObject } from "../wire/chat-request.ts";

/** A model that does not chat: it computes vectors of texts, or ranks texts. */
export interface DocumentModel extends Model {
  readonly kind: "embeddings" | "rerank";
  /** Dimensions of its vectors, if the request sets no other number. */
  readonly dimensions: number;
  /** US dollars for a request, in addition to its tokens. */
  readonly requestUsd: number;
  /** Its change of an answer: another form, or a wrong one. */
  readonly alter?: (body: JsonObject) => JsonObject;
}
