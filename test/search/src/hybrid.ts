import { Orchestra } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";
import {
  withHybridSearch,
  type DocumentCollection,
  type Documents,
} from "@orchestra/tools/documents";

export type Mode = "lexical" | "embeddings" | "rerank" | "both";

export const hybridModes: readonly Mode[] = ["embeddings", "rerank", "both"];

export const sandboxNote = `The models are the sandbox's: vectors and rankings by hashed words and letters, which know no meaning.
These numbers show that the parts work together, and say nothing of what a real model achieves.`;

/** The documents as each mode searches them, on a sandbox that is closed with them. */
export async function openModes(documents: DocumentCollection, modes: readonly Mode[]) {
  const sandbox = await startSandbox({ keepBodies: false });
  const open = async (mode: Mode): Promise<Documents> => {
    if (mode === "lexical") return documents;
    const orchestra = new Orchestra({
      settings: {
        logLevel: "error",
        ...(mode === "rerank" ? {} : { documentsEmbeddingModel: "sandbox/embedding" }),
        ...(mode === "embeddings" ? {} : { documentsRerankModel: "sandbox/rerank" }),
      },
      environment: { OPENROUTER_BASE_URL: sandbox.url, OPENROUTER_API_KEY: "sk-or-v1-sandbox" },
    });
    return withHybridSearch(documents, orchestra);
  };
  const opened = new Map<Mode, Documents>();
  for (const mode of modes) opened.set(mode, await open(mode));
  return {
    opened,
    /** What embedding and asking have cost, at the prices of the sandbox. */
    costUsd: () => sandbox.books.totals().costUsd,
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}
