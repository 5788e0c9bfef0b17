import { SourceText } from "../source-text.ts";
import type { Block, Extracted } from "./extracted.ts";

/** Plain text: paragraphs between blank lines, no headings. */
export function extractText(text: string): Extracted {
  const blocks = paragraphsOf(text);
  const first = blocks[0];
  return {
    source: SourceText.unpaged(text),
    title: first && titleFromLine(text.slice(first.start, first.end)),
    blocks,
  };
}

/** Runs of lines that are not blank, without the white space around them. */
export function paragraphsOf(text: string): Block[] {
  return Array.from(text.matchAll(/\S(?:.*\S)?(?:\n.*\S.*)*/g), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
    role: "text" as const,
  }));
}

/** The first line, cut to a title's length. */
export function titleFromLine(text: string): string | undefined {
  const line = text.trim().split("\n", 1)[0]?.trim();
  return line ? line.slice(0, 120) : undefined;
}
