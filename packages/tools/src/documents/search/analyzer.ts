import { Compounds } from "./compounds.ts";
import { LanguageDetector } from "./language-detector.ts";
import { loadStemmer, loadStopWords, type StopWords } from "./languages.ts";
import { foldAccents, splitWords } from "./words.ts";

/** Maximum terms of the index: a folder of hashes or numbers would have millions. */
const maxTerms = 150_000;
const maxRememberedStems = 50_000;
/** A longer query is a pasted text, and its first words are sufficient. */
const maxQueryLength = 2_000;

/** Weight of a term that is a part of the query's word, or contains it. */
const partWeight = 0.6;
const wholeWeight = 0.4;

/** A word of a query, with the terms of the index that represent it. */
export interface Concept {
  /** Terms with the weight of a match, at most 1. */
  readonly terms: ReadonlyMap<string, number>;
  /** Whether no document has the word: it may be misspelt, or the beginning of another word. */
  readonly isUnknown: boolean;
}

export interface AnalyzedQuery {
  readonly concepts: readonly Concept[];
  /** See `Words`. */
  readonly pairs: readonly string[];
}

export interface AnalyzedText {
  readonly terms: readonly string[];
  /** See `Words`. */
  readonly pairs: readonly string[];
}

/**
 * Converts texts and queries to the terms that are compared: stems, in the language of the text. A query is too
 * short to detect its language, so each of its words has stems in all languages of the documents.
 */
export class Analyzer {
  readonly #stopWords: StopWords;
  readonly #detector: LanguageDetector;
  readonly #stemmers = new Map<string, (word: string) => string>();
  readonly #counts = new Map<string, number>();
  #compounds: Compounds | undefined;

  private constructor(stopWords: StopWords) {
    this.#stopWords = stopWords;
    this.#detector = new LanguageDetector(stopWords);
  }

  static async create(): Promise<Analyzer> {
    return new Analyzer(await loadStopWords());
  }

  /** The language that most stop words of a text belong to, English if it has none. Loads its stemmer. */
  async languageOf(text: string): Promise<string> {
    const language = this.#detector.detect(splitWords(text).words) ?? "english";
    if (!this.#stemmers.has(language)) {
      this.#stemmers.set(language, remembering(await loadStemmer(language)));
    }
    return language;
  }

  /** The terms of a passage. A passage in another language than its document is analyzed in its own. */
  analyze(
    text: string,
    documentLanguage: string,
    stopWords: "with stop words" | "without stop words" = "without stop words",
  ): AnalyzedText {
    const { words, pairs } = splitWords(text);
    const detected = this.#detector.detect(words) ?? documentLanguage;
    const language = this.#stemmers.has(detected) ? detected : documentLanguage;
    const stem = this.#stemmers.get(language) ?? foldAccents;
    const leftOut = stopWords === "without stop words" ? this.#stopWords.get(language) : undefined;
    const terms = words.filter((word) => !leftOut?.has(foldAccents(word))).map(stem);
    this.#compounds = undefined;
    return {
      terms: terms.filter((term) => this.#count(term)),
      pairs: pairs.filter((pair) => this.#count(pair)),
    };
  }

  /** Counts a term, and returns whether it is indexed. */
  #count(term: string): boolean {
    const count = this.countOf(term);
    if (count === 0 && this.#counts.size >= maxTerms) return false;
    this.#counts.set(term, count + 1);
    return true;
  }

  /** How often a term or a pair occurs in the texts. */
  countOf(term: string): number {
    return this.#counts.get(term) ?? 0;
  }

  query(text: string): AnalyzedQuery {
    const { words, pairs } = splitWords(text.slice(0, maxQueryLength));
    const unique = [...new Set(words)];
    const others = unique.filter((word) => !this.#isStopWord(word));
    // For a query of stop words only, such as `about`, which headings may contain.
    const concepts = (others.length > 0 ? others : unique).map((word) => this.#concept(word));
    return { concepts, pairs: [...new Set(pairs)] };
  }

  #isStopWord(word: string): boolean {
    const languages = [...this.#stemmers.keys()];
    return languages.some((language) => this.#stopWords.get(language)?.has(foldAccents(word)));
  }

  #stemsOf(word: string): string[] {
    return [...new Set(Array.from(this.#stemmers.values(), (stem) => stem(word)))];
  }

  #concept(word: string): Concept {
    this.#compounds ??= new Compounds(this.#counts);
    const stems = this.#stemsOf(word);
    const terms = new Map(stems.map((stem) => [stem, 1]));
    for (const stem of stems) {
      for (const part of this.#compounds.partsOf(stem)) raise(terms, part, partWeight);
      for (const whole of this.#compounds.wholesOf(stem)) raise(terms, whole, wholeWeight);
    }
    return { terms, isUnknown: ![...terms.keys()].some((term) => this.#counts.has(term)) };
  }
}

function raise(weights: Map<string, number>, term: string, weight: number): void {
  weights.set(term, Math.max(weight, weights.get(term) ?? 0));
}

/** Stems words that consist of letters, and each of them once. */
function remembering(stem: (word: string) => string): (word: string) => string {
  const known = new Map<string, string>();
  return (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const stemmed = foldAccents(/^[\p{L}\p{M}]{3,}$/u.test(word) ? stem(word) : word);
    if (known.size < maxRememberedStems) known.set(word, stemmed);
    return stemmed;
  };
}
