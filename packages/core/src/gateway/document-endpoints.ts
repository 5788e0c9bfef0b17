import { createEmbeddings } from "./embeddings.ts";
import { DocumentCalls, type DocumentCallsOptions } from "./document-calls.ts";
import { createRanking } from "./rerank.ts";

/** The endpoints that are not for chat. Loaded by their first call: most programs make none. */
export function createDocumentEndpoints(options: DocumentCallsOptions) {
  const calls = new DocumentCalls(options);
  return {
    embed: createEmbeddings.bind(undefined, calls),
    rerank: createRanking.bind(undefined, calls),
  };
}
