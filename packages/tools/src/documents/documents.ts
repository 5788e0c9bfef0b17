import type { DocumentKind } from "./document-kind.ts";

/** A value, or a promise of it: your own store may use a network. */
export type Awaitable<T> = T | Promise<T>;

/**
 * The methods of a store that the document tools and a citation check use. `openDocuments` creates one from a folder.
 * Any object with these methods works too, such as a vector store or the API of a wiki.
 */
export interface Documents {
  /** The source of the documents: an absolute folder, or any name to show to a model. */
  readonly root: string;
  readonly documents: readonly DocumentInfo[];
  /**
   * The passages that match a query best, best first. The reader judges whether one of them answers it.
   */
  search(query: string, options?: SearchDocumentsOptions): Awaitable<Passage[]>;
  /** Lines of one document, or `undefined` if the collection has no such document or page. */
  read(path: string, range?: ReadRange): Awaitable<DocumentText | undefined>;
  /** Finds a quotation in its source, or `undefined` if the source does not contain it. */
  locate(citation: Citation): Awaitable<Location | undefined>;
}

/** The documents of one folder, read once and kept in memory; every answer is about the text at that time. */
export interface DocumentCollection extends Documents {
  /** Files that look like documents but could not be used, and the reasons. */
  readonly skipped: readonly SkippedFile[];
  /** As for any `Documents`. If no word of the query is in them, the beginnings of documents. */
  search(query: string, options?: SearchDocumentsOptions): Passage[];
  read(path: string, range?: ReadRange): DocumentText | undefined;
  locate(citation: Citation): Location | undefined;
}

/** The documents of one folder whose search may call models, and so takes time. See `withHybridSearch`. */
export interface HybridDocuments extends Omit<DocumentCollection, "search"> {
  search(query: string, options?: SearchDocumentsOptions): Awaitable<Passage[]>;
}

export interface DocumentInfo {
  /** Relative to the root, with forward slashes on every platform. */
  path: string;
  kind: DocumentKind;
  /** From the front matter, the first heading or `<title>`; otherwise the first line, or the file's name. */
  title: string;
  /** Number of pages; PDF only. */
  pages?: number;
}

export interface SkippedFile {
  /** Relative to the root, with forward slashes. */
  path: string;
  reason: string;
}

export interface SearchDocumentsOptions {
  /**
   * Maximum number of passages.
   *
   * @defaultValue `8`
   */
  limit?: number;
  /** Aborts a search that calls models: it then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface Passage {
  path: string;
  /** The line of the file on which `text` starts, from 1; in a PDF, the line of the page's extracted text. */
  line: number;
  /** From 1; PDF only. */
  page?: number | undefined;
  /** The original text with its line breaks: its line k (from 0) is line `line + k` of the file. */
  text: string;
  /** Higher is better; comparable within one search only. `0` for a passage without a match. */
  score: number;
}

export interface ReadRange {
  /** From 1; defaults to the first line. */
  fromLine?: number;
  /** Inclusive; defaults to the last line. */
  toLine?: number;
  /** From 1; PDF only, where lines count within the page. Without a page, a PDF is read from page 1. */
  page?: number | undefined;
}

export interface DocumentText {
  path: string;
  page?: number | undefined;
  fromLine: number;
  /** Inclusive. */
  toLine: number;
  /** Lines in the document, or in the page of a PDF. */
  totalLines: number;
  text: string;
}

/** A quotation with its claimed position. */
export interface Citation {
  /** As in `DocumentInfo`; a leading `./` and an absolute path inside the root are accepted too. */
  path: string;
  quote: string;
  /** A hint: of several occurrences the nearest is used, and a wrong line is corrected. */
  line?: number | undefined;
  /** A hint like `line`; PDF only. */
  page?: number | undefined;
}

/** The position of a quotation in its source. */
export interface Location {
  path: string;
  line: number;
  /** The line on which the quotation ends; in a PDF, a line of `endPage` if that is set. */
  endLine: number;
  page?: number | undefined;
  /** Only if the quotation continues on another page. */
  endPage?: number;
  /** The source's own text, with its line breaks and markup. */
  text: string;
}
