import { replaceOutside } from "./left-alone.ts";

/*
 * The marks by which a Markdown text refers to claims: `[1]`. Models also write them in
 * other forms: `[F1]`, `[^1]`, `[Claim 1]`, `[1, 2 and 3]`, `[1-3]`, `【1】`, `[１]`.
 */

const space = String.raw`[^\S\n]{0,2}`;
const spaces = String.raw`[^\S\n]{1,2}`;
const label = String.raw`(?:(?:see${spaces})?(?:claim|source|finding|citation|reference|ref)s?(?![a-z])[.:]?${space}(?:nos?\.?${space})?)?`;
const digits = String.raw`\p{Nd}{1,6}`;
const number = String.raw`[#^]?F?${digits}\^?`;
const range = String.raw`${number}(?:${space}(?:[-–—]|\bto\b)${space}${number})?`;
const between = String.raw`(?:${space}[,;&+、，；]${space}(?:and${spaces})?|${spaces}(?:(?:and|or)${spaces})?)`;
const list = String.raw`${label}${range}(?:${between}${label}${range}){0,99}`;
/** Some models add this after a number: `【1†source】`. */
const source = String.raw`(?:†[^\]】\n]{0,80})?`;
const opening = String.raw`(?:\\?\[{1,2}|［|【|〔)`;
const closing = String.raw`(?:\\?\]{1,2}|］|】|〕)`;
const mark = new RegExp(
  String.raw`${opening}${space}(${list})${source}${space}${closing}(?!\()`,
  "giu",
);

/** A longer range is a mistake: findings have fewer claims. */
const maxRange = 100;

export interface MarkedText {
  /** The text with each mark in its plain form: `[F1, 2]` becomes `[1][2]`. */
  readonly text: string;
  /** The numbers of all marks, in the order of the text. */
  readonly numbers: readonly number[];
}

/**
 * Finds the marks of a text, and normalizes them. Code and links do not change.
 *
 * @param known - Numbers of the claims. `(1)` is a mark if there is no other mark, and each number in
 * parentheses is that of a claim and is at the end of a clause.
 */
export function readMarks(whole: string, known: Iterable<number> = []): MarkedText {
  const text = withoutFence(whole);
  const marked = replaceMarks(text, mark);
  if (marked.numbers.length > 0 || !text.includes("(")) return marked;
  const inParentheses = replaceMarks(text, parentheses);
  const claims = new Set(known);
  const isClear =
    inParentheses.numbers.every((number) => claims.has(number)) &&
    !replaceMarks(text, startsItem).numbers.length;
  return isClear ? inParentheses : marked;
}

/** A number in parentheses at the end of a clause. */
const parentheses =
  /(?<=\S[^\S\n]?)\((\p{Nd}{1,6})\)(?=[.,;:!?。，；：！？)]|[^\S\n]*$|\(\p{Nd})/gmu;
/** A mark at the beginning of a list item, or in the middle of a clause. */
const startsItem = /\((\p{Nd}{1,6})\)(?![.,;:!?。，；：！？)]|[^\S\n]*$|\(\p{Nd})/gmu;

function replaceMarks(text: string, pattern: RegExp): MarkedText {
  const numbers: number[] = [];
  const plain = (_: string, found: string) => {
    const marks = numbersIn(found);
    numbers.push(...marks);
    return marks.map((each) => `[${each}]`).join("");
  };
  return { text: replaceOutside(text, (part) => part.replace(pattern, plain)), numbers };
}

const openingFence = /^\s*```(?:markdown|md)[^\S\n]*\n/i;

/** Some models put the whole text into one Markdown code block. It may not be closed yet. */
function withoutFence(text: string): string {
  const [fence] = openingFence.exec(text) ?? [];
  if (fence === undefined) return text;
  const inside = text.slice(fence.length);
  const isClosed = (inside.match(/^```/gm)?.length ?? 0) % 2 === 1;
  if (!isClosed) return inside;
  // If more text follows, the block was only a part of it.
  return /\n```\s*$/.test(inside) ? inside.trimEnd().slice(0, -"\n```".length) : text;
}

const rangeParts = /(\p{Nd}+)\^?(?:\s*(?:[-–—]|to)\s*[#^]?F?(\p{Nd}+))?/giu;

function numbersIn(found: string): number[] {
  return [...found.matchAll(rangeParts)].flatMap(([, from = "", to = from]) => {
    const [first, last] = [numberOf(from), numberOf(to)];
    if (last <= first || last - first > maxRange) return first === last ? [first] : [first, last];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Reads digits of any script, such as `１` and `١`. */
function numberOf(text: string): number {
  return Number(text.normalize("NFKC").replaceAll(/\p{Nd}/gu, digitOf));
}

/** The digits of a script follow each other, from zero. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value);
}
