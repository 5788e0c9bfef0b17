import type { Block } from "../extract/extracted.ts";
import { isEvidence } from "../is-evidence.ts";

/** A piece of a document that search answers with. */
export interface PassageRange {
  start: number;
  end: number;
  /** The headings above it, outermost first. */
  headings: readonly string[];
}

/** In characters. Smaller paragraphs under one heading, and smaller sections, are put together. */
const enough = 1_500;
/** What a passage repeats of the one before it, at most. */
const overlap = 200;
/** Where a sentence or a line begins: after its end and white space; in scripts without spaces after its stop. */
const sentenceStart = /(?<=[.!?:]\s|\n|[。！？])\S/u;
const most = 2_000;

/**
 * Cuts a document into passages of up to 2,000 characters along its blocks. A passage may begin with the heading that
 * it is under; a heading with nothing under it makes none. Where a section is cut, the next passage repeats the last
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
      // Of headings in a row only the last says what the text below is about; the others are in the trail.
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

/** Whether a new heading leaves the section that was open, rather than going deeper or on within it. */
function isShallower(block: Block, trail: readonly string[]): boolean {
  return (block.level ?? 1) < trail.length;
}

/** Where the last sentences of a passage begin, for the next one to begin with them too. */
function startOfOverlap(text: string, from: number, to: number): number | undefined {
  const least = Math.max(from + 1, to - overlap);
  const tail = text.slice(least, to);
  const at = tail.search(sentenceStart);
  return at === -1 ? undefined : least + at;
}

/** Pieces of at most `most` characters, cut at the best place there is; without the white space around them. */
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
    // A rule or a single word has no information, and a citation of it could not be checked.
    if (isEvidence(content)) {
      const first = start + piece.indexOf(content);
      yield { start: first, end: first + content.length };
    }
    start = end === to ? end : (startOfOverlap(text, start + most / 2, end) ?? end);
  }
}

/** Where to cut a text that must be cut: after a blank line, a line, a sentence, a word; or else at its end. */
function cut(text: string): number {
  const half = text.length / 2;
  for (const separator of ["\n\n", "\n", ". ", "! ", "? ", "\u3002", " "]) {
    const at = text.lastIndexOf(separator);
    if (at >= half) return at + separator.length;
  }
  const isSurrogate = /[\ud800-\udbff]$/.test(text);
  return isSurrogate ? text.length - 1 : text.length;
}
