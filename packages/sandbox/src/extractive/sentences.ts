import { sentenceKeys } from "./terms.ts";

/** The kind of a piece of text, by its form. */
export type SentenceKind = "prose" | "item" | "row" | "heading" | "code" | "badge";

/** A sentence and its position: `text.slice(start, end)`, `lineOffset` line breaks from the top. */
export interface Sentence {
  readonly start: number;
  readonly end: number;
  readonly lineOffset: number;
  readonly kind: SentenceKind;
  readonly keys: ReadonlySet<string>;
  readonly words: number;
  /** A question is not an answer. */
  readonly isQuestion: boolean;
  /** In digits or as a word. */
  readonly hasNumber: boolean;
}

interface Block {
  readonly start: number;
  end: number;
  readonly kind: SentenceKind;
}

/** A sentence ends here, unless the text before it is an abbreviation. */
const END =
  /[.!?](?:["'”’)\]*_`]+)?(?=\s+(?:["'“‘([*_`]*[\p{Lu}\p{Lo}\p{N}`[]))|[。！？](?:["'”’」』）)*_`]+)?/gu;
const ABBREVIATION = /(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|no|fig|dr|mr|mrs|st)|\b\p{Lu})\.$/iu;

const NUMBER =
  /[\d一二三四五六七八九十百千万]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|once|twice)\b/i;

const cache = new Map<string, readonly Sentence[]>();
const MAX_CACHED_TEXTS = 2_000;

/** Splits Markdown or plain text into its sentences. Results are cached. */
export function splitSentences(text: string): readonly Sentence[] {
  let sentences = cache.get(text);
  if (sentences === undefined) {
    sentences = blocksOf(text).flatMap((block) => sentencesOf(text, block));
    if (cache.size >= MAX_CACHED_TEXTS) cache.clear();
    cache.set(text, sentences);
  }
  return sentences;
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  let inFence = false;
  let start = 0;
  while (start <= text.length) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    const isFence = /^\s*(?:```|~~~)/.test(line);
    const kind = inFence && !isFence ? "code" : kindOf(line);
    if (isFence) inFence = !inFence;
    if (isFence || line.trim() === "" || isRule(line)) {
      open = undefined;
    } else if (open !== undefined && kind === "prose" && continues(open.kind)) {
      open.end = end;
    } else {
      const marker = /^\s*(?:>\s?)*(?:[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+|#{1,6}\s+)?/.exec(line);
      open = { start: start + (kind === "code" ? 0 : (marker?.[0].length ?? 0)), end, kind };
      if (open.start < open.end) blocks.push(open);
    }
    start = end + 1;
  }
  return blocks;
}

function kindOf(line: string): SentenceKind {
  const text = line.trim();
  if (/^#{1,6}\s/.test(text)) return "heading";
  if (/^(?:\[?!\[|<(?:img|p|div|a|br|h\d|\/)\b)/i.test(text)) return "badge";
  if (/^\[[^\]]+\]:\s/.test(text) || /^[-*+]\s+\[[^\]]+\]\(#[^)]*\)$/.test(text)) return "badge";
  if (/^\|.*\|$/.test(text)) return "row";
  if (/^(?:[-*+]|\d+[.)])\s/.test(text)) return "item";
  return /^(?: {4}|\t)\S/.test(line) && !/^\s+\p{L}[\p{L} ,]+/u.test(line) ? "code" : "prose";
}

/** Lines of dashes and rules of tables have no content. */
function isRule(line: string): boolean {
  return /^[\s|:=*_-]+$/.test(line);
}

function continues(kind: SentenceKind): boolean {
  return kind === "prose" || kind === "item";
}

function sentencesOf(text: string, block: Block): Sentence[] {
  const whole = text.slice(block.start, block.end);
  const ends = block.kind === "prose" || block.kind === "item" ? endsIn(whole) : [];
  const sentences: Sentence[] = [];
  let from = 0;
  for (const to of [...ends, whole.length]) {
    const piece = whole.slice(from, to);
    const start = block.start + from + (piece.length - piece.trimStart().length);
    const end = start + piece.trim().length;
    if (end > start) sentences.push(sentenceAt(text, start, end, block.kind));
    from = to;
  }
  return sentences;
}

function endsIn(text: string): number[] {
  return [...text.matchAll(END)]
    .map((match) => match.index + match[0].length)
    .filter((end) => !ABBREVIATION.test(text.slice(Math.max(0, end - 10), end)));
}

function sentenceAt(text: string, start: number, end: number, kind: SentenceKind): Sentence {
  const piece = text.slice(start, end);
  return {
    start,
    end,
    lineOffset: countLineBreaks(text, start),
    kind,
    keys: sentenceKeys(piece),
    words: countWords(piece),
    isQuestion: /[?？]$/.test(piece),
    hasNumber: NUMBER.test(piece),
  };
}

/** In Chinese and Japanese, two characters are about a word. */
function countWords(text: string): number {
  const unspaced = text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu) ?? [];
  return text.split(/\s+/).length + Math.floor(unspaced.length / 2);
}

function countLineBreaks(text: string, until: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < until; at = text.indexOf("\n", at + 1)) {
    count += 1;
  }
  return count;
}
