import type { Claim, Excerpt, Passage } from "./passage.ts";
import { splitSentences, type Sentence, type SentenceKind } from "./sentences.ts";
import { sentenceKeys, type Term } from "./terms.ts";

/** The sentences that answer best, the best first, and how much of the question they cover. */
export interface Choice {
  readonly excerpts: readonly Excerpt[];
  /** Share of the question's content words in the sentences, each word weighted by its rarity: 0 to 1. */
  readonly coverage: number;
}

/** Below this coverage the chosen sentences do not answer the question. */
export const ENOUGH_FROM_SOURCES = 0.5;
/** Claims were made from sources for this task, so they need less evidence. */
export const ENOUGH_FROM_CLAIMS = 0.25;

/** Virtual sentences without any of the words that are added to the count, because few sentences do not show how rare a word is. */
const BACKGROUND_SENTENCES = 40;
/** Weight against an answer for a word that occurs nowhere, in addition to its rarity. */
const ABSENT = 1.25;
/** Weight of a word in a neighbouring sentence or the heading: half. */
const NEARBY = 0.5;
/** How many sentences to each side are neighbours. */
const NEIGHBOURS = 2;
/** One sentence with its neighbours must cover this much: scattered words are not an answer. */
const ENOUGH_IN_ONE_PLACE = 0.45;

const WEIGHT_OF_KIND: Record<SentenceKind, number> = {
  prose: 1,
  item: 0.95,
  row: 0.8,
  heading: 0.45,
  code: 0.4,
  badge: 0.1,
};

interface Candidate {
  readonly passage: Passage;
  readonly sentence: Sentence;
  readonly matched: readonly Term[];
  /** Words that only its neighbours have. */
  readonly nearby: readonly Term[];
  readonly score: number;
}

/** Whether a question is about quantity or time, so that a sentence with a number answers better. */
export function asksForNumber(question: string): boolean {
  return /\b(?:how (?:many|much|long|often|far|fast|large|big|old)|when)\b|多少|多[久大重长高远]|几|何時|何年|何[人個回日]|いつ|いくつ|いくら|どのくらい|どれくらい/i.test(
    question,
  );
}

/** Selects the sentences of the passages that answer the question best. */
export function chooseSentences(
  terms: readonly Term[],
  passages: readonly Passage[],
  maxSentences: number,
  prefersNumbers = false,
): Choice {
  const weigh = weighTerms(terms, passages);
  const total = sum(terms, weigh);
  if (total === 0) return leadOf(passages, maxSentences);

  const candidates = passages
    .flatMap((passage) => candidatesOf(passage, terms, weigh, total, prefersNumbers))
    .toSorted((one, other) => other.score - one.score);
  const chosen = pick(candidates, weigh, total, maxSentences);
  return { excerpts: chosen.map(excerptOf), coverage: coverageOf(chosen, weigh, total) };
}

/** Selects the claims that are related to the question, in the order of the material. */
export function chooseClaims(
  terms: readonly Term[],
  claims: readonly Claim[],
): { readonly claims: readonly Claim[]; readonly coverage: number } {
  const asPassages = claims.map((claim): Passage => ({ kind: "prose", text: textOfClaim(claim) }));
  const weigh = weighTerms(terms, asPassages);
  const total = sum(terms, weigh);
  if (total === 0) return { claims, coverage: claims.length > 0 ? 1 : 0 };
  const keys = claims.map((claim) => sentenceKeys(textOfClaim(claim)));
  const related = claims.filter((_, index) => terms.some(({ key }) => keys[index]?.has(key)));
  const covered = terms.filter(({ key }) => keys.some((known) => known.has(key)));
  return { claims: related, coverage: sum(covered, weigh) / total };
}

function textOfClaim({ text, evidence }: Claim): string {
  return [text, ...evidence.map((passage) => passage.text)].join("\n");
}

/** If nothing specific is asked, as in "Summarise this", the material's first sentences are used. */
function leadOf(passages: readonly Passage[], maxSentences: number): Choice {
  const excerpts = passages
    .flatMap((passage) =>
      splitSentences(passage.text)
        .filter(({ kind, isQuestion }) => kind === "prose" && !isQuestion)
        .map((sentence) => excerptOf({ passage, sentence })),
    )
    .slice(0, maxSentences);
  return { excerpts, coverage: excerpts.length > 0 ? 1 : 0 };
}

type Weigh = (term: Term) => number;

function weighTerms(terms: readonly Term[], passages: readonly Passage[]): Weigh {
  const frequencies = new Map(terms.map(({ key }) => [key, 0]));
  let sentences = 0;
  for (const passage of passages) {
    for (const { keys } of splitSentences(passage.text)) {
      sentences += 1;
      for (const { key } of terms) {
        if (keys.has(key)) frequencies.set(key, (frequencies.get(key) ?? 0) + 1);
      }
    }
  }
  const weights = new Map<string, number>();
  for (const [key, frequency] of frequencies) {
    const rarity = Math.log((sentences + BACKGROUND_SENTENCES) / (frequency + 1));
    weights.set(key, frequency === 0 ? rarity * ABSENT : rarity);
  }
  return ({ key }) => weights.get(key) ?? 0;
}

function candidatesOf(
  passage: Passage,
  terms: readonly Term[],
  weigh: Weigh,
  total: number,
  prefersNumbers: boolean,
): Candidate[] {
  const sentences = splitSentences(passage.text);
  let heading: Sentence | undefined;
  return sentences.flatMap((sentence, index) => {
    if (sentence.kind === "heading") heading = sentence;
    const matched = terms.filter(({ key }) => sentence.keys.has(key));
    if (matched.length === 0) return [];
    const around = sentences.slice(Math.max(0, index - NEIGHBOURS), index + NEIGHBOURS + 1);
    if (heading !== undefined) around.push(heading);
    const nearby = terms.filter(
      (term) => !matched.includes(term) && around.some(({ keys }) => keys.has(term.key)),
    );
    const covered = sum(matched, weigh) + 0.35 * sum(nearby, weigh);
    const fit = prefersNumbers && sentence.hasNumber ? 1.15 : 1;
    const score = (covered / total) * WEIGHT_OF_KIND[sentence.kind] * byForm(sentence) * fit;
    return [{ passage, sentence, matched, nearby, score }];
  });
}

/** Questions are not answers, fragments contain little, and very long texts contain everything. */
function byForm({ words, isQuestion }: Sentence): number {
  if (isQuestion) return 0.4;
  if (words < 4) return 0.6;
  return words > 60 ? 0.75 : 1;
}

/** Takes the best one, then those that add words of the question or are nearly as good, without repetition. */
function pick(
  candidates: readonly Candidate[],
  weigh: Weigh,
  total: number,
  maxSentences: number,
): Candidate[] {
  const chosen: Candidate[] = [];
  const covered = new Set<Term>();
  const texts = new Set<string>();
  const best = candidates[0]?.score ?? 0;
  for (const candidate of candidates) {
    if (chosen.length >= maxSentences || candidate.score < 0.3 * best) break;
    const text = excerptOf(candidate).text;
    const added = candidate.matched.filter((term) => !covered.has(term));
    const isWorthIt = sum(added, weigh) / total >= 0.1 || candidate.score >= 0.75 * best;
    if (!isWorthIt || texts.has(text)) continue;
    chosen.push(candidate);
    texts.add(text);
    for (const term of candidate.matched) covered.add(term);
  }
  return chosen;
}

function coverageOf(chosen: readonly Candidate[], weigh: Weigh, total: number): number {
  const covers = (candidates: readonly Candidate[]) => {
    const said = new Set(candidates.flatMap(({ matched }) => matched));
    const near = new Set(candidates.flatMap(({ nearby }) => nearby)).difference(said);
    return (sum([...said], weigh) + NEARBY * sum([...near], weigh)) / total;
  };
  const best = Math.max(0, ...chosen.map((candidate) => covers([candidate])));
  const coverage = covers(chosen);
  return best < ENOUGH_IN_ONE_PLACE ? Math.min(coverage, best) : coverage;
}

function excerptOf({ passage, sentence }: Pick<Candidate, "passage" | "sentence">): Excerpt {
  const { path, line, page, number } = passage;
  return {
    text: passage.text.slice(sentence.start, sentence.end),
    ...(path !== undefined && { path }),
    ...(line !== undefined && { line: line + sentence.lineOffset }),
    ...(page !== undefined && { page }),
    ...(number !== undefined && { number }),
  };
}

function sum(terms: readonly Term[], weigh: Weigh): number {
  let total = 0;
  for (const term of terms) total += weigh(term);
  return total;
}
