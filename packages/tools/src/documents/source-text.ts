/** A position in a document, for people. */
export interface Position {
  /** From 1; within the page if there is one. */
  line: number;
  /** From 1; only in paged documents. */
  page?: number;
}

/**
 * A document's text with its lines and pages. Pages are joined by a line break, so that a sentence that extends over a
 * page's end is one continuous text.
 */
export class SourceText {
  readonly text: string;
  /** Number of pages, or `undefined` for a document without pages. */
  readonly pages: number | undefined;
  readonly #lineStarts: Uint32Array;
  /** For every page the index in `#lineStarts` of its first line; a single entry for a document without pages. */
  readonly #pageLines: readonly number[];

  private constructor(text: string, pageLines: readonly number[], pages: number | undefined) {
    this.text = text;
    this.pages = pages;
    this.#lineStarts = startsOfLines(text);
    this.#pageLines = pageLines;
  }

  static unpaged(text: string): SourceText {
    return new SourceText(text, [0], undefined);
  }

  static paged(pages: readonly string[]): SourceText {
    let lines = 0;
    const pageLines = pages.map((page) => {
      const first = lines;
      lines += startsOfLines(page).length;
      return first;
    });
    return new SourceText(pages.join("\n"), pageLines, pages.length);
  }

  /** The texts of the pages, or `undefined` for a document without pages. */
  pageTexts(): string[] | undefined {
    if (this.pages === undefined) return undefined;
    return this.#pageLines.map((_, index) => this.lines(1, this.lineCount(index + 1), index + 1));
  }

  positionAt(offset: number): Position {
    const lineIndex = lastAtMost(this.#lineStarts, offset);
    const pageIndex = lastAtMost(this.#pageLines, lineIndex);
    const line = lineIndex - (this.#pageLines[pageIndex] ?? 0) + 1;
    return this.pages === undefined ? { line } : { line, page: pageIndex + 1 };
  }

  /** Number of lines in the document, or in one of its pages. */
  lineCount(page = 1): number {
    return this.#endLineIndex(page) - (this.#pageLines[page - 1] ?? 0);
  }

  /** The text from one line to another, both inclusive and within the document or page. */
  lines(fromLine: number, toLine: number, page = 1): string {
    const first = this.#pageLines[page - 1] ?? 0;
    const start = this.#lineStarts[first + fromLine - 1] ?? this.text.length;
    const end = this.#lineStarts[first + toLine];
    return this.text.slice(start, end === undefined ? this.text.length : end - 1);
  }

  #endLineIndex(page: number): number {
    return this.#pageLines[page] ?? this.#lineStarts.length;
  }
}

function startsOfLines(text: string): Uint32Array {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return Uint32Array.from(starts);
}

/** Index of the last number that is at most `limit` in a sorted list whose first number is. */
function lastAtMost(sorted: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? Infinity) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
