import type { Term } from "./terms.ts";

const TARGET =
  /\s*\b(?:to|into|as|in|named|called)\s+(?:the file\s+|a file\s+(?:named|called)\s+)?[`"']?([\w./-]+\.(?:md|txt|json|csv|html?|ya?ml))[`"']?/i;
const ASKS_TO_WRITE = /\b(?:write|save|store|put|export|create)\b/i;
const BIDS_TO_WRITE = /^\s*(?:please\s+)?(?:write|save|store|export|create|draft)\b/i;

const MOST_WORDS = 6;
const LONGEST_STEM = 60;

/** Splits a task that requests a file into the name of the file and the question. */
export function splitTarget(question: string): { readonly rest: string; readonly path?: string } {
  const target = ASKS_TO_WRITE.test(question) ? TARGET.exec(question) : null;
  if (target?.[1] === undefined) return { rest: question };
  return { rest: question.replace(target[0], ""), path: target[1] };
}

/** Whether a task is to write something, and not a question about how something is written. */
export function bidsToWrite(question: string): boolean {
  return BIDS_TO_WRITE.test(question);
}

/** A name for the file of a task without a name: its content words, as `battery-last-brightness.md`. */
export function nameFile(terms: readonly Term[]): string {
  const words = terms.slice(0, MOST_WORDS).map(({ word }) => word.toLowerCase());
  const stem = words
    .join("-")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .slice(0, LONGEST_STEM);
  return `${stem.replace(/^-|-$/g, "") || "answer"}.md`;
}
