import type { Completion, CompletionChunk } from "@orchestra/core";

type Document = Completion | CompletionChunk;

/** An answer, or a chunk of one, as OpenAI's clients can read it. */
export function toJson(document: Document): string {
  return JSON.stringify(isUsual(document) ? document : tidied(document));
}

function isUsual(document: Document): boolean {
  if ("asked_model" in document || "error" in document) return false;
  for (const choice of document.choices ?? []) if (choice.index === undefined) return false;
  return true;
}

/**
 * Without the mark by which agents know whose reasoning it has, and without an error that says nothing:
 * clients throw for it. Each choice has its index.
 */
function tidied(document: Document): object {
  const choices = document.choices?.map((choice, index) => ({
    ...choice,
    index: choice.index ?? index,
  }));
  return { ...document, asked_model: undefined, error: undefined, choices };
}
