import type { ChatRequest } from "../wire/chat-request.ts";
import {
  asksForNumber,
  chooseClaims,
  chooseSentences,
  ENOUGH_FROM_CLAIMS,
  ENOUGH_FROM_SOURCES,
} from "./choose.ts";
import { promptMaterial, toolMaterial } from "./material.ts";
import type { Claim, Excerpt, Material, Passage } from "./passage.ts";
import { splitTarget } from "./target.ts";
import { questionTerms, type Term } from "./terms.ts";

/** One result: a statement with its mark and its evidence. */
export interface Point {
  readonly statement: string;
  readonly number?: number;
  readonly excerpts: readonly Excerpt[];
}

/** The result of extraction. */
export interface Finding {
  readonly question: string;
  readonly terms: readonly Term[];
  readonly isFound: boolean;
  /** 0 if nothing was found. */
  readonly coverage: number;
  readonly points: readonly Point[];
  /** What the points are taken from. */
  readonly basis: "passages" | "claims";
  /** Whether the request contained any material. */
  readonly hasMaterial: boolean;
  /** Whether the request asks for marks like `[1]`. */
  readonly usesMarks: boolean;
}

const MAX_SENTENCES = 3;

/** Searches for an answer in all material of the request. `wantsQuotes`: sources have precedence over others' claims. */
export function find(request: ChatRequest, question: string, wantsQuotes: boolean): Finding {
  const terms = questionTerms(splitTarget(question).rest);
  const fromTools = toolMaterial(request);
  const fromPrompt = promptMaterial(request.messages);
  const passages = bestPassages(fromTools, fromPrompt);
  const claims = [...fromTools.claims, ...fromPrompt.claims];
  const base = {
    question,
    terms,
    hasMaterial: passages.length > 0 || claims.length > 0,
    usesMarks: usesMarks(request),
  };
  const hasSources = passages.some(({ kind }) => kind === "source");
  if (claims.length > 0 && !(wantsQuotes && hasSources)) {
    return { ...base, ...fromClaims(terms, claims, fromPrompt.passages) };
  }
  return { ...base, ...fromPassages(terms, passages, asksForNumber(question)) };
}

type Extraction = Pick<Finding, "isFound" | "coverage" | "points" | "basis">;

function fromPassages(
  terms: readonly Term[],
  passages: readonly Passage[],
  prefersNumbers: boolean,
): Extraction {
  const { excerpts, coverage } = chooseSentences(terms, passages, MAX_SENTENCES, prefersNumbers);
  if (coverage < ENOUGH_FROM_SOURCES) return notFound("passages");
  const points = excerpts.map((excerpt): Point => ({
    statement: readable(excerpt.text),
    excerpts: [excerpt],
    ...(excerpt.number !== undefined && { number: excerpt.number }),
  }));
  return { isFound: true, coverage, points, basis: "passages" };
}

function fromClaims(
  terms: readonly Term[],
  claims: readonly Claim[],
  sources: readonly Passage[],
): Extraction {
  const supported = claims.filter((claim) => isSupported(claim, sources));
  const { claims: related, coverage } = chooseClaims(terms, supported);
  if (related.length === 0 || coverage < ENOUGH_FROM_CLAIMS) return notFound("claims");
  const points = related.map(({ text, number, evidence }): Point => ({
    statement: readable(text),
    excerpts: evidence,
    ...(number !== undefined && { number }),
  }));
  return { isFound: true, coverage, points, basis: "claims" };
}

function notFound(basis: Finding["basis"]): Extraction {
  return { isFound: false, coverage: 0, points: [], basis };
}

/** If the request contains the sources of the claims, a claim must refer to one of them. */
function isSupported({ evidence }: Claim, sources: readonly Passage[]): boolean {
  const texts = sources.filter(({ kind }) => kind === "source").map(({ text }) => readable(text));
  if (texts.length === 0 || evidence.length === 0) return true;
  return evidence.some((quote) => texts.some((text) => text.includes(readable(quote.text))));
}

function bestPassages(fromTools: Material, fromPrompt: Material): Passage[] {
  const all = [...fromTools.passages, ...fromPrompt.passages];
  const sources = all.filter(({ kind }) => kind === "source");
  return sources.length > 0 ? sources : all;
}

function usesMarks({ messages }: ChatRequest): boolean {
  return messages.some(
    ({ role, text }) => role !== "tool" && role !== "assistant" && /\[(?:\d+|n|N)\]/.test(text),
  );
}

/** A sentence in one line, without the line breaks of its source. */
function readable(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
