import type { SourceText } from "../source-text.ts";

/** The result of an extractor. */
export interface Extracted {
  source: SourceText;
  title: string | undefined;
  blocks: readonly Block[];
  /**
   * The text without markup, of the same length as the source so that offsets agree: markup is replaced by NUL.
   * Only for formats whose markup stays in the extracted text.
   */
  plainText?: string;
}

/** A block of text: a paragraph, a list item, a table, a heading. */
export interface Block {
  /** Offset of its first character. */
  start: number;
  /** Offset after its last character. */
  end: number;
  /** `noise` (badges, tables of contents, page navigation) can be quoted but is not searched. */
  role: "heading" | "text" | "noise";
  /** Whether it is the first of a page; no passage extends over a page's end. */
  startsPage?: boolean;
  /** From 1, the outermost; headings only. */
  level?: number;
  /** The text of the heading, without markup; headings only. */
  heading?: string;
}
