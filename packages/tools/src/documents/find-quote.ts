import type { FoldedText } from "./folded-text.ts";

/** Offsets in the source of one occurrence of a quotation. */
export interface QuoteMatch {
  start: number;
  end: number;
}

/** A quotation with omitted parts is at most as long as a passage. */
const maxSpan = 1_200;
const minPart = 12;

/** Words that turn a sentence round, alone or as the end of another (`can't`). */
const negation = /\b(?:not|no|never|without|except|unless|cannot)\b|n't\b/i;

/**
 * Every occurrence of a folded quotation in a folded source. Only whole words match, so `500 requests` is not in
 * `1500 requests` nor `you can` in `you can't`. Case matters except for the first letter. An ellipsis replaces
 * omitted words, if the parts are within a passage's length and it omits no negation within a sentence.
 */
export function findQuote(source: FoldedText, quote: string): QuoteMatch[] {
  const whole = occurrences(source, quote).map((start) => matchAt(source, start, quote.length));
  if (whole.length > 0) return whole;
  const [first, ...rest] = partsOf(quote) ?? [];
  if (first === undefined || rest.length === 0) return [];
  return occurrences(source, first).flatMap((start) => {
    const end = endOfParts(source, start + first.length, start + maxSpan, rest);
    return end === undefined ? [] : [matchAt(source, start, end - start)];
  });
}

/** The parts around ellipses, or `undefined` if one is too short to be evidence. */
function partsOf(quote: string): string[] | undefined {
  const parts = quote
    .split(/\s*(?:\[\.\.\.\]|\(\.\.\.\)|\.\.\.+)\s*/)
    .filter((part) => part !== "");
  return parts.every((part) => part.length >= minPart) ? parts : undefined;
}

function endOfParts(
  source: FoldedText,
  from: number,
  limit: number,
  parts: readonly string[],
): number | undefined {
  let end = from;
  for (const part of parts) {
    const next = occurrences(source, part, end, limit)[0];
    if (next === undefined || turnsRound(source.text.slice(end, next))) return undefined;
    end = next + part.length;
  }
  return end;
}

/** Whether a quotation without these words would mean the opposite of its source. */
function turnsRound(leftOut: string): boolean {
  const endsSentence = /[.!?](?:\s|$)/.test(leftOut);
  return !endsSentence && negation.test(leftOut);
}

function occurrences(
  source: FoldedText,
  words: string,
  from = 0,
  to = source.text.length,
): number[] {
  const found = new Set<number>();
  const searched = source.text.slice(0, to);
  for (const spelling of new Set([words, withOtherLeadingCase(words)])) {
    for (let at = searched.indexOf(spelling, from); at !== -1;) {
      const end = at + spelling.length;
      if (startsAtWord(source.text, at) && endsAtWord(source.text, end)) found.add(at);
      at = searched.indexOf(spelling, at + 1);
    }
  }
  return [...found].toSorted((a, b) => a - b);
}

function withOtherLeadingCase(words: string): string {
  const first = words.slice(0, 1);
  const other = first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase();
  // Some letters, such as `ß`, change their length with their case.
  return other.length === 1 ? other + words.slice(1) : words;
}

/** Letters of scripts that separate words; in others a quotation may begin anywhere. */
const wordCharacter =
  /(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}])[\p{L}\p{N}_]/u;
const digit = /\p{N}/u;

function startsAtWord(text: string, at: number): boolean {
  const [beforeThat = " ", before = " ", first = " "] = [text[at - 2], text[at - 1], text[at]];
  if (!wordCharacter.test(first)) return true;
  if (wordCharacter.test(before)) return false;
  // `5 seconds` is neither `0.5 seconds` nor `-5 seconds`; `blocking` is not `non-blocking`.
  if (digit.test(first) && /[.,]/.test(before)) return !digit.test(beforeThat);
  if (before === "-") return !(wordCharacter.test(beforeThat) || digit.test(first));
  return true;
}

function endsAtWord(text: string, end: number): boolean {
  const [last = " ", after = " ", afterThat = " "] = [text[end - 1], text[end], text[end + 1]];
  if (!wordCharacter.test(last)) return true;
  if (wordCharacter.test(after)) return false;
  // `1` is neither `1.5` nor `1,000` nor `1%`; `can` is not `can't`.
  if (digit.test(last) && /[.,]/.test(after)) return !digit.test(afterThat);
  if (digit.test(last) && after === "%") return false;
  return !(after === "'" && /[tT]/.test(afterThat));
}

function matchAt(source: FoldedText, at: number, length: number): QuoteMatch {
  return { start: source.starts[at] ?? 0, end: source.ends[at + length - 1] ?? 0 };
}
