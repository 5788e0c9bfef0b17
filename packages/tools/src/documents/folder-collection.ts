import { setImmediate } from "node:timers/promises";
import { checkCitation, checkPath, checkSearch } from "./collection-arguments.ts";
import { resolveDocumentPath } from "./document-path.ts";
import type {
  Citation,
  DocumentCollection,
  DocumentInfo,
  DocumentText,
  Location,
  Passage,
  ReadRange,
  SearchDocumentsOptions,
  SkippedFile,
} from "./documents.ts";
import type { Block } from "./extract/extracted.ts";
import { QuoteFinder } from "./quote-finder.ts";
import type { PassageIndex, RankedPassage } from "./search/passage-index.ts";
import { passagesOf } from "./search/passages.ts";
import { Repetition } from "./search/repetition.ts";
import type { SourceDocument } from "./source-document.ts";

const defaultLimit = 8;
const passagesPerTurn = 100;
/** In characters; enough to detect the language. */
const languageSample = 20_000;

/** Maximum characters of the headings in the text of a passage that a model gets. */
const maxContext = 300;

interface StoredPassage {
  document: SourceDocument;
  start: number;
  end: number;
  headings: readonly string[];
}

/** The collection of `openDocuments`: everything is in memory, and nothing is read from disk after it is filled. */
export class FolderCollection implements DocumentCollection {
  readonly root: string;
  readonly documents: DocumentInfo[] = [];
  readonly skipped: SkippedFile[];
  readonly #byPath = new Map<string, SourceDocument>();
  readonly #passages: StoredPassage[] = [];
  readonly #index: PassageIndex;
  readonly #quotes = new QuoteFinder();

  constructor(root: string, skipped: SkippedFile[], index: PassageIndex) {
    this.root = root;
    this.skipped = skipped;
    this.#index = index;
  }

  /** @param blocks - The blocks of the document, for its passages; they are not kept. */
  async add(document: SourceDocument, blocks: readonly Block[]): Promise<void> {
    const { path, kind, title, source, plainText = source.text } = document;
    this.#byPath.set(path, document);
    this.documents.push({
      path,
      kind,
      title,
      ...(source.pages !== undefined && { pages: source.pages }),
    });
    const language = await this.#index.languageOf(plainText.slice(0, languageSample));
    for (const { start, end, headings } of passagesOf(source.text, blocks)) {
      this.#index.add(
        {
          id: this.#passages.length,
          text: plainText.slice(start, end),
          headings: headings.join(" "),
          document: `${title} ${path}`,
        },
        language,
      );
      this.#passages.push({ document, start, end, headings });
      // Other work can run while a long document is indexed.
      if (this.#passages.length % passagesPerTurn === 0) await setImmediate();
    }
  }

  search(query: string, options?: SearchDocumentsOptions): Passage[] {
    checkSearch(query, options);
    return this.passagesOf(this.rank(query), options);
  }

  /** All passages that share a word with the query, best first. */
  rank(query: string): RankedPassage[] {
    return this.#index.search(query);
  }

  /** The first passages of a ranking that do not repeat others; of an empty one, the beginnings of documents. */
  passagesOf(
    ranking: readonly RankedPassage[],
    { limit = defaultLimit }: SearchDocumentsOptions = {},
  ): Passage[] {
    const found = this.#distinct(ranking, limit);
    return found.length > 0 ? found : this.#beginnings(limit);
  }

  /** The text of a passage for a model: its document, its headings and its own text. */
  textOf(id: number): string {
    const stored = this.#passages[id];
    if (!stored) return "";
    const { document, start, end, headings } = stored;
    const context = [document.title, ...headings].join(" > ").slice(0, maxContext);
    return `${context}\n${document.source.text.slice(start, end)}`;
  }

  /** The texts of all passages, by their ids. */
  textsToEmbed(): string[] {
    return this.#passages.map((_, id) => this.textOf(id));
  }

  /** The best passages, without those that repeat a better one. */
  #distinct(ranked: readonly RankedPassage[], limit: number): Passage[] {
    const passages: Passage[] = [];
    const repetition = new Repetition();
    for (const { id, score } of ranked) {
      if (passages.length >= limit) break;
      const passage = this.#passage(id, score);
      if (passage && !repetition.isIn(passage.text)) passages.push(passage);
    }
    return passages;
  }

  /** The first passage of each document, for a query without a match. */
  #beginnings(limit: number): Passage[] {
    const seen = new Set<SourceDocument>();
    const ids: number[] = [];
    for (const [id, { document }] of this.#passages.entries()) {
      if (seen.has(document)) continue;
      seen.add(document);
      if (ids.push(id) >= limit) break;
    }
    return ids.flatMap((id) => this.#passage(id, 0) ?? []);
  }

  #passage(id: number, score: number): Passage | undefined {
    const stored = this.#passages[id];
    if (!stored) return undefined;
    const { document, start, end } = stored;
    const text = document.source.text.slice(start, end);
    return { path: document.path, ...document.source.positionAt(start), text, score };
  }

  read(path: string, range: ReadRange = {}): DocumentText | undefined {
    checkPath(path);
    const source = this.#find(path)?.source;
    if (!source) return undefined;
    const { page = 1 } = range;
    if (!(page >= 1 && page <= (source.pages ?? 1))) return undefined;
    const totalLines = source.lineCount(page);
    const fromLine = clamp(range.fromLine ?? 1, 1, totalLines);
    const toLine = clamp(range.toLine ?? totalLines, fromLine, totalLines);
    return {
      path: this.#find(path)?.path ?? path,
      ...(source.pages !== undefined && { page }),
      fromLine,
      toLine,
      totalLines,
      text: source.lines(fromLine, toLine, page),
    };
  }

  locate(citation: Citation): Location | undefined {
    checkCitation(citation);
    const document = this.#find(citation.path);
    return document && this.#quotes.find(document, citation);
  }

  #find(path: string): SourceDocument | undefined {
    const known = resolveDocumentPath(path, this.root, (candidate) => this.#byPath.has(candidate));
    return known === undefined ? undefined : this.#byPath.get(known);
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(Math.trunc(value), low), high);
}
