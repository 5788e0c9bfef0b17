/** The purpose of a property, by its name. */
export type Meaning =
  | "quote"
  | "path"
  | "line"
  | "page"
  | "score"
  | "count"
  | "number"
  | "title"
  | "keyword"
  | "question"
  | "shortcoming"
  | "reason"
  | "attachment"
  | "marks"
  | "statement";

/** Tried in order, the more specific words first, so that `source_quote` is a quote and `sourceLine` a line. */
const MEANINGS: readonly (readonly [Meaning, RegExp])[] = [
  ["quote", /\b(?:quotes?|quotations?|excerpts?|verbatim|snippets?|passages?)\b/],
  ["line", /\blines?\b/],
  ["page", /\bpages?\b/],
  [
    "shortcoming",
    /\b(?:issues?|problems?|concerns?|errors?|objections?|gaps?|missing|open|unanswered|unresolved|unsupported|limitations?|warnings?|caveats?|contradictions?|weaknesses|flaws?|changes|corrections?)\b/,
  ],
  ["attachment", /\b(?:artifacts?|attachments?|images?|downloads?)\b/],
  [
    "score",
    /\b(?:confidence|score|probability|likelihood|certainty|coverage|rating|quality|relevance)\b/,
  ],
  ["count", /\b(?:count|total|amount of|how many)\b/],
  ["marks", /\b(?:marks?|cited|citations?|used|claims? numbers?|refs?|references)\b/],
  ["path", /\b(?:paths?|files?|filenames?|sources?|urls?|uris?|href|links?|documents?|docs?)\b/],
  ["question", /\b(?:questions?|queries|query|sub ?tasks?)\b/],
  ["title", /\b(?:title|heading|headline|subject)\b/],
  ["keyword", /\b(?:keywords?|tags?|terms?|topics?)\b/],
  [
    "reason",
    /\b(?:reasons?|reasoning|rationale|explanation|justification|comments?|feedback|assessment)\b/,
  ],
  ["number", /\b(?:number|id|index|rank|position|claim|n)\b/],
];

/** Guesses the purpose of a property. */
export function meaningOf(name: string): Meaning {
  const words = wordsOf(name);
  return MEANINGS.find(([, pattern]) => pattern.test(words))?.[0] ?? "statement";
}

/** `openQuestions` and `open_questions` as `open questions`. */
export function wordsOf(name: string): string {
  return name
    .replace(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, " ")
    .replace(/[_.-]+/g, " ")
    .toLowerCase();
}

/** Whether a part of a schema is for quotes from sources. */
export function asksForQuotes(schema: unknown): boolean {
  return /"(?:[\w-]*_)?(?:quote|quotes|quotation|excerpt|excerpts|verbatim|evidence)[\w-]*":/i.test(
    JSON.stringify(schema) ?? "",
  );
}
