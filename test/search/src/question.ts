import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Kind = "natural" | "paraphrased" | "keyword" | "misspelt" | "compound";

/** What is asked of a set of documents, and words of the passage that answers. */
export interface Question {
  readonly kind: Kind;
  readonly text: string;
  readonly expected: string;
  /** Half of the questions are never looked at while search is changed. */
  readonly isHeldOut: boolean;
}

const folder = join(import.meta.dirname, "../questions");

/** The names of the sets that there are questions for: `fastify.en`. */
export function questionSets(): string[] {
  return readdirSync(folder).map((name) => name.replace(/\.json$/, ""));
}

export function readQuestions(set: string): Question[] {
  const rows = JSON.parse(readFileSync(join(folder, `${set}.json`), "utf8")) as [
    Kind,
    string,
    string,
  ][];
  return rows.map(([kind, text, expected], index) => ({
    kind,
    text,
    expected,
    isHeldOut: index % 2 === 1,
  }));
}
