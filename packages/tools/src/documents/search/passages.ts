import type { Block } from "../extract/extracted.ts";
import { isEvidence } from "../is-evidence.ts";

/** A piece of a document that search returns. */
export interface PassageRange {
  start: number;
  end: number;
  /** The headings above it, outermost first. */
  headings: readonly string[];
}

/** In characters. Smaller paragraphs under one heading, and smaller sections, are joined. */
const enough = 1_500;
/** Maximum characters that a passage repeats from the one before it. */
const overlap = 200;
/** The beginning of a sentence or a line: after its end and white space; in scripts without spaces after its stop. */
const sentenceStart = /(?<=[.!?:]\s|\n|[。！？])\S/u;
const most = 2_000;

/**
 * Splits a document into passages of up to 2,000 characters along its blocks. A passage may begin with its
 * heading; a heading without text creates no passage. If a section is split, the next passage repeats the last
 * sentences of the one before, so that an answer on both sides of the cut is in one of them.
 */
export function passagesOf(text: string, blocks: readonly Block[]): PassageRange[] {
  const passages: PassageRange[] = [];
  const trail: string[] = [];
  let open: (PassageRange & { hasText: boolean }) | undefined;

  const close = () => {
    if (open?.hasText) {
      const { headings } = open;
      for (const piece of pieces(text, open.start, open.end)) passages.push({ ...piece, headings });
    }
    open = undefined;
  };

  for (const block of blocks) {
    if (block.startsPage) close();
    const length = block.end - (open?.start ?? block.start);
    if (block.role === "noise") {
      close();
    } else if (block.role === "heading") {
      if (open?.hasText && (length > enough || isShallower(block, trail))) close();
      trail.length = Math.min(trail.length, (block.level ?? 1) - 1);
      trail.push(block.heading ?? "");
      // If several headings follow each other, only the last describes the text below; the others are in `headings`.
      open = open?.hasText
        ? { ...open, end: block.end }
        : { start: block.start, end: block.end, headings: [...trail], hasText: false };
    } else {
      let start = block.start;
      if (open?.hasText && length > most) {
        start = startOfOverlap(text, open.start, open.end) ?? start;
        close();
      }
      open = {
        start: open?.start ?? start,
        end: block.end,
        headings: open?.headings ?? [...trail],
        hasText: true,
      };
    }
  }
  close();
  return passages;
}

/** Whether a new heading ends the open section, instead of being deeper or on the same level within it. */
function isShallower(block: Block, trail: readonly string[]): boolean {
  return (block.level ?? 1) < trail.length;
}

/** The beginning of the last sentences of a passage, which the next one repeats. */
function startOfOverlap(text: string, from: number, to: number): number | undefined {
  const least = Math.max(from + 1, to - overlap);
  const tail = text.slice(least, to);
  const at = tail.search(sentenceStart);
  return at === -1 ? undefined : least + at;
}

/** Pieces of at most `most` characters, cut at the best position; without surrounding white space. */
function* pieces(
  text: string,
  from: number,
  to: number,
): Generator<{ start: number; end: number }> {
  let start = from;
  while (start < to) {
    const end = to - start <= most ? to : start + cut(text.slice(start, start + most));
    const piece = text.slice(start, end);
    const content = piece.trim();
    // A horizontal rule or a single word has no information, and a citation of it could not be checked.
    if (isEvidence(content)) {
      const first = start + piece.indexOf(content);
      yield { start: first, end: first + content.length };
    }
    start = end === to ? end : (startOfOverlap(text, start + most / 2, end) ?? end);
  }
}

/** The best position to cut a text: after a blank line, a line, a sentence, a word; otherwise at its end. */
function cut(text: string): number {
  const half = text.length / 2;
  for (const separator of ["\n\n", "\n", ". ", "! ", "? ", "\u3002", " "]) {
    const at = text.lastIndexOf(separator);
    if (at >= half) return at + separator.length;
  }
  const isSurrogate = /[\ud800-\udbff]$/.test(text);
  return isSurrogate ? text.length - 1 : text.length;
}
