import type { SourceText } from "../source-text.ts";

/** What an extractor makes of a file. */
export interface Extracted {
  source: SourceText;
  title: string | undefined;
  blocks: readonly Block[];
  /**
   * The text as a reader sees it, of the same length as the source so that offsets agree: what is markup there is NUL
   * here. Only where a format has markup that extraction leaves in place.
   */
  plainText?: string;
}

/** A run of text that belongs together: a paragraph, a list item, a table, a heading. */
export interface Block {
  /** Offset of its first character. */
  start: number;
  /** Offset after its last character. */
  end: number;
  /** `noise` (badges, tables of contents, page navigation) can be quoted but is not searched. */
  role: "heading" | "text" | "noise";
  /** Whether it is the first of a page; no passage runs over a page's end. */
  startsPage?: boolean;
  /** From 1, the outermost; headings only. */
  level?: number;
  /** What the heading says, without markup; headings only. */
  heading?: string;
}
