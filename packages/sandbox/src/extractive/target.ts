import type { Term } from "./terms.ts";

const TARGET =
  /\s*\b(?:to|into|as|in|named|called)\s+(?:the file\s+|a file\s+(?:named|called)\s+)?[`"']?([\w./-]+\.(?:md|txt|json|csv|html?|ya?ml))[`"']?/i;
const ASKS_TO_WRITE = /\b(?:write|save|store|put|export|create)\b/i;
const WRITE_COMMAND = /^\s*(?:please\s+)?(?:write|save|store|export|create|draft)\b/i;

const MAX_WORDS = 6;
const MAX_STEM_LENGTH = 60;

/** Splits a task that requests a file into the name of the file and the question. */
export function splitTarget(question: string): { readonly rest: string; readonly path?: string } {
  const target = ASKS_TO_WRITE.test(question) ? TARGET.exec(question) : null;
  if (target?.[1] === undefined) return { rest: question };
  return { rest: question.replace(target[0], ""), path: target[1] };
}

/** Whether a task commands to write something, and does not ask how something is written. */
export function commandsToWrite(question: string): boolean {
  return WRITE_COMMAND.test(question);
}

/** A name for the file of a task without a name: its content words, as `battery-last-brightness.md`. */
export function nameFile(terms: readonly Term[]): string {
  const words = terms.slice(0, MAX_WORDS).map(({ word }) => word.toLowerCase());
  const stem = words
    .join("-")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .slice(0, MAX_STEM_LENGTH);
  return `${stem.replace(/^-|-$/g, "") || "answer"}.md`;
}
