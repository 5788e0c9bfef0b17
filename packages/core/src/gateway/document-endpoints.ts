import { createEmbeddings } from "./embeddings.ts";
import { DocumentCalls, type DocumentCallsOptions } from "./document-calls.ts";
import { createRanking } from "./rerank.ts";

export type DocumentEndpoints = ReturnType<typeof createDocumentEndpoints>;

/** The endpoints that are not for chat. */
export function createDocumentEndpoints(options: DocumentCallsOptions) {
  const calls = new DocumentCalls(options);
  return {
    embed: createEmbeddings.bind(undefined, calls),
    rerank: createRanking.bind(undefined, calls),
  };
}
