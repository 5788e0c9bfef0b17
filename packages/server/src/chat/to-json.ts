import type { Completion, CompletionChunk } from "@orchestra/core";

/** A document as clients get it: without the mark by which agents know whose reasoning it has. */
export function toJson(document: Completion | CompletionChunk): string {
  return JSON.stringify(
    "asked_model" in document ? { ...document, asked_model: undefined } : document,
  );
}
