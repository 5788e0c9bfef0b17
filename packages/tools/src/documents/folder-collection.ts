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
import { PassageIndex } from "./passage-index.ts";
import { passagesOf } from "./passages.ts";
import { QuoteFinder } from "./quote-finder.ts";
import type { SourceDocument } from "./source-document.ts";

const defaultLimit = 8;

interface StoredPassage {
  document: SourceDocument;
  start: number;
  end: number;
}

/** The collection behind `openDocuments`: everything in memory, nothing read from disk once it is filled. */
export class FolderCollection implements DocumentCollection {
  readonly root: string;
  readonly documents: DocumentInfo[] = [];
  readonly skipped: SkippedFile[];
  readonly #byPath = new Map<string, SourceDocument>();
  readonly #passages: StoredPassage[] = [];
  readonly #index = new PassageIndex();
  readonly #quotes = new QuoteFinder();

  constructor(root: string, skipped: SkippedFile[]) {
    this.root = root;
    this.skipped = skipped;
  }

  add(document: SourceDocument): void {
    const { path, kind, title, source, blocks, plainText = source.text } = document;
    this.#byPath.set(path, document);
    this.documents.push({
      path,
      kind,
      title,
      ...(source.pages !== undefined && { pages: source.pages }),
    });
    for (const { start, end, headings } of passagesOf(source.text, blocks)) {
      this.#index.add({
        id: this.#passages.length,
        text: plainText.slice(start, end),
        headings: headings.join(" "),
        document: `${title} ${path}`,
      });
      this.#passages.push({ document, start, end });
    }
  }

  search(query: string, { limit = defaultLimit }: SearchDocumentsOptions = {}): Passage[] {
    const passages: Passage[] = [];
    // The same licence or notice in many files says nothing more the second time.
    const told = new Set<string>();
    for (const { id, score } of this.#index.search(query)) {
      if (passages.length >= limit) break;
      const stored = this.#passages[id];
      if (!stored) continue;
      const { document, start, end } = stored;
      const text = document.source.text.slice(start, end);
      if (told.has(text)) continue;
      told.add(text);
      passages.push({ path: document.path, ...document.source.positionAt(start), text, score });
    }
    return passages;
  }

  read(path: string, range: ReadRange = {}): DocumentText | undefined {
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
