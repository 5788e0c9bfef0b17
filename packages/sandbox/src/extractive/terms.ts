import { stem } from "./stem.ts";
import { isStopWord } from "./stop-words.ts";
import { contentWords, splitByScript, unspacedKeys } from "./unspaced.ts";

/** Words, and names with connecting characters: `LLM_MAX_RETRIES`, `node.js`, `max-tokens`. */
const TOKEN = /[\p{L}\p{N}]+(?:[_.'’-][\p{L}\p{N}]+)*/gu;
const CAMEL = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u;

/** A content word of a question. */
export interface Term {
  /** The form that is compared with sentences. */
  readonly key: string;
  /** As it is written in the question. */
  readonly word: string;
}

/**
 * The content words of a question, each once. A name with connecting characters is kept whole, because its parts
 * alone would match other sentences.
 */
export function questionTerms(question: string): Term[] {
  const terms = new Map<string, Term>();
  for (const found of question.match(TOKEN) ?? []) {
    const { unspaced, others } = splitByScript(found);
    for (const word of unspaced.flatMap(contentWords)) {
      if (!terms.has(word)) terms.set(word, { key: word, word });
    }
    for (const token of others) addTerms(token, terms);
  }
  return [...terms.values()];
}

function addTerms(token: string, terms: Map<string, Term>): void {
  for (const word of isName(token) ? [token] : token.split(/[-'’]/)) {
    const lower = word.toLowerCase();
    if (isStopWord(lower) || (lower.length < 2 && !/\d/.test(lower))) continue;
    const key = isName(word) ? lower : stem(lower);
    if (!terms.has(key)) terms.set(key, { key, word });
  }
}

/** All terms by which a sentence can be found: its words' stems, its names whole and in parts. */
export function sentenceKeys(text: string): Set<string> {
  const keys = new Set<string>();
  for (const found of text.match(TOKEN) ?? []) {
    const { unspaced, others } = splitByScript(found);
    for (const key of unspaced.flatMap(unspacedKeys)) keys.add(key);
    for (const token of others) addKeys(token, keys);
  }
  return keys;
}

function addKeys(token: string, keys: Set<string>): void {
  const lower = token.toLowerCase();
  if (!isName(token) && !/[-'’]/.test(token)) {
    keys.add(stem(lower));
    return;
  }
  keys.add(lower);
  for (const part of token.split(/[_.'’-]/).flatMap((part) => part.split(CAMEL))) {
    keys.add(stem(part.toLowerCase()));
  }
}

/** Whether a word is a name in a program and not a word of the language. */
export function isName(word: string): boolean {
  return /[_.]/.test(word) || /\p{Ll}\p{Lu}/u.test(word);
}
