import { stem } from "./stem.ts";
import { isStopWord } from "./stop-words.ts";

/** Words, and names with joints inside: `LLM_MAX_RETRIES`, `node.js`, `max-tokens`. */
const TOKEN = /[\p{L}\p{N}]+(?:[_.'’-][\p{L}\p{N}]+)*/gu;
const CAMEL = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u;

/** A content word of a question. */
export interface Term {
  /** What sentences are compared by. */
  readonly key: string;
  /** As it stands in the question. */
  readonly word: string;
}

/**
 * The content words of a question, each once. A name with joints stays whole, for its parts alone
 * would find other things than it names.
 */
export function questionTerms(question: string): Term[] {
  const terms = new Map<string, Term>();
  for (const token of question.match(TOKEN) ?? []) {
    for (const word of isName(token) ? [token] : token.split(/[-'’]/)) {
      const lower = word.toLowerCase();
      if (isStopWord(lower) || (lower.length < 2 && !/\d/.test(lower))) continue;
      const key = isName(word) ? lower : stem(lower);
      if (!terms.has(key)) terms.set(key, { key, word });
    }
  }
  return [...terms.values()];
}

/** Everything that a sentence can be found by: its words' stems, its names whole and in parts. */
export function sentenceKeys(text: string): Set<string> {
  const keys = new Set<string>();
  for (const token of text.match(TOKEN) ?? []) {
    const lower = token.toLowerCase();
    if (!isName(token) && !/[-'’]/.test(token)) {
      keys.add(stem(lower));
      continue;
    }
    keys.add(lower);
    for (const part of token.split(/[_.'’-]/).flatMap((part) => part.split(CAMEL))) {
      keys.add(stem(part.toLowerCase()));
    }
  }
  return keys;
}

/** Whether a word names a thing of a program rather than being a word of the language. */
export function isName(word: string): boolean {
  return /[_.]/.test(word) || /\p{Ll}\p{Lu}/u.test(word);
}
