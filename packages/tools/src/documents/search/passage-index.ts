import MiniSearch from "minisearch";
import { Analyzer, type AnalyzedQuery, type Concept } from "./analyzer.ts";

/** The texts of a passage that are indexed. */
export interface IndexedPassage {
  readonly id: number;
  readonly text: string;
  /** The headings above it. */
  readonly headings: string;
  /** The document's title and path. */
  readonly document: string;
}

export interface RankedPassage {
  readonly id: number;
  readonly score: number;
}

/** The fields of the index: terms joined by spaces. */
interface Entry extends IndexedPassage {
  readonly pairs: string;
}

/*
 * The numbers below were found with `pnpm search:eval`, on the questions for tuning.
 */
/** Passages of one section share its headings, so headings hardly show which passage has the answer. */
const boost = { text: 1, headings: 0.3, document: 0.5, pairs: 1 };
/** Weight of a word that is found only as the beginning of another, or with changed letters. */
const approximate = { prefix: 0.6, fuzzy: 0.6 };
const minPrefix = 3;
const minFuzzy = 4;

/** Full-text index of passages: BM25+ by MiniSearch, on stems. */
export class PassageIndex {
  readonly #analyzer: Analyzer;
  readonly #search = new MiniSearch<Entry>({
    fields: ["text", "headings", "document", "pairs"],
    tokenize: (terms) => (terms === "" ? [] : terms.split(" ")),
    processTerm: (term) => term,
  });

  private constructor(analyzer: Analyzer) {
    this.#analyzer = analyzer;
  }

  static async create(): Promise<PassageIndex> {
    return new PassageIndex(await Analyzer.create());
  }

  /** The language of a document, for its passages. */
  languageOf(text: string): Promise<string> {
    return this.#analyzer.languageOf(text);
  }

  add({ id, text, headings, document }: IndexedPassage, language: string): void {
    const body = this.#analyzer.analyze(text, language);
    this.#search.add({
      id,
      text: body.terms.join(" "),
      pairs: body.pairs.join(" "),
      headings: this.#analyzer.analyze(headings, language, "with stop words").terms.join(" "),
      document: this.#analyzer.analyze(document, language).terms.join(" "),
    });
  }

  /** All passages that share a word with the query, best first. */
  search(query: string): RankedPassage[] {
    const analyzed = this.#analyzer.query(query);
    const coverage = this.#coverageOf(analyzed);
    return this.#match(analyzed)
      .map(({ id, score, queryTerms }) => ({
        id: Number(id),
        // MiniSearch has multiplied by the number of matched terms. The coverage is a better measure.
        score: (score / queryTerms.length) * coverage(new Set(queryTerms)),
      }))
      .toSorted((a, b) => b.score - a.score || a.id - b.id);
  }

  #match({ concepts, pairs }: AnalyzedQuery) {
    const weights = new Map(concepts.flatMap(({ terms }) => [...terms]));
    const unknown = new Set(
      concepts.filter(({ isUnknown }) => isUnknown).flatMap(({ terms }) => [...terms.keys()]),
    );
    return this.#search.search({
      combineWith: "OR",
      queries: [
        {
          queries: [...weights.keys()],
          fields: ["text", "headings", "document"],
          boost,
          boostTerm: (term) => weights.get(term) ?? 1,
          prefix: (term) => term.length >= minPrefix && unknown.has(term),
          fuzzy: (term) => term.length >= minFuzzy && unknown.has(term) && maxEdits(term),
          weights: approximate,
        },
        { queries: [...pairs], fields: ["pairs"], boost },
      ],
    });
  }

  /** The share of a query that its matched terms cover; rare words count more. */
  #coverageOf({ concepts, pairs }: AnalyzedQuery): (found: ReadonlySet<string>) => number {
    const termsOf = concepts.map(({ terms }) => [...terms.keys()]);
    const rarities = concepts.map((concept) => this.#rarityOf(concept));
    const total = rarities.reduce((sum, rarity) => sum + rarity, pairs.length);
    return (found) => {
      let covered = pairs.filter((pair) => found.has(pair)).length;
      termsOf.forEach((terms, index) => {
        if (terms.some((term) => found.has(term))) covered += rarities[index] ?? 0;
      });
      return covered / total || 1;
    };
  }

  #rarityOf({ terms }: Concept): number {
    const count = Math.max(...Array.from(terms.keys(), (term) => this.#analyzer.countOf(term)));
    return Math.sqrt(Math.log(1 + this.#search.documentCount / (count + 0.5)));
  }
}

/** Letters in which a misspelt word may differ. */
function maxEdits(term: string): number {
  return term.length < 6 ? 1 : 2;
}
