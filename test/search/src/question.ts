import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Kind = "natural" | "paraphrased" | "keyword" | "misspelt" | "compound";

/** What is asked of a set of documents, and words of the passage that answers. */
export interface Question {
  readonly kind: Kind;
  readonly text: string;
  readonly expected: string;
  /** Questions that are asked only to measure, and never looked at while search is changed. */
  readonly isHeldOut: boolean;
}

const folder = join(import.meta.dirname, "../questions");

/** The names of the sets that there are questions for: `fastify.en`. */
export function questionSets(): string[] {
  return [...setsIn("tuned"), ...setsIn("held-out")];
}

export function readQuestions(set: string): Question[] {
  const isHeldOut = setsIn("held-out").includes(set);
  const file = join(folder, isHeldOut ? "held-out" : "tuned", `${set}.json`);
  const rows = JSON.parse(readFileSync(file, "utf8")) as [Kind, string, string][];
  return rows.map(([kind, text, expected]) => ({ kind, text, expected, isHeldOut }));
}

function setsIn(part: "tuned" | "held-out"): string[] {
  return readdirSync(join(folder, part)).map((name) => name.replace(/\.json$/, ""));
}
