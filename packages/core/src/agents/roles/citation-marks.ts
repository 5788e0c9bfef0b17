/*
 * The marks by which a text in Markdown names the claims that it rests on: `[1]`. Models write them in
 * other ways too: `[F1]`, `[1, 2]`, `[1-3]`, `【1】`. Links such as `[1](a.md)`, and code, hold no marks.
 */

const code = /(```[\s\S]*?(?:```|$)|`[^`\n]+`)/;
const one = String.raw`F?\d{1,6}(?: ?[-–] ?F?\d{1,6})?`;
const mark = new RegExp(String.raw`[[【] ?(${one}(?: ?[,;] ?${one})*) ?[\]】](?!\()`, "gi");

/** A longer range is a mistake: findings have fewer claims. */
const maxRange = 100;

export interface MarkedText {
  /** The text with each mark in its plain form: `[F1, 2]` became `[1][2]`. */
  readonly text: string;
  /** The numbers of all marks, in the order of the text. */
  readonly numbers: readonly number[];
}

/** Finds the marks of a text, and makes them plain. */
export function readMarks(whole: string): MarkedText {
  const text = withoutFence(whole);
  const numbers: number[] = [];
  const plain = (_: string, list: string) => {
    const found = numbersIn(list);
    numbers.push(...found);
    return found.map((number) => `[${number}]`).join("");
  };
  // The pattern of code has one group, and so every second part is code.
  const parts = text.includes("`") ? text.split(code) : [text];
  const read = parts.map((part, index) => (index % 2 === 0 ? part.replace(mark, plain) : part));
  return { text: read.join(""), numbers };
}

const openingFence = /^\s*```(?:markdown|md)[^\S\n]*\n/i;

/** Models put a whole text into one block of code that says it is Markdown. It may not be closed yet. */
function withoutFence(text: string): string {
  const [opening] = openingFence.exec(text) ?? [];
  if (opening === undefined) return text;
  const inside = text.slice(opening.length);
  const isClosed = (inside.match(/^```/gm)?.length ?? 0) % 2 === 1;
  if (!isClosed) return inside;
  // Where more text follows, the block was a part of it.
  return /\n```\s*$/.test(inside) ? inside.trimEnd().slice(0, -"\n```".length) : text;
}

function numbersIn(list: string): number[] {
  return list.split(/[,;]/).flatMap((item) => {
    const [first = 0, last = first] = (item.match(/\d+/g) ?? []).map(Number);
    if (last <= first || last - first > maxRange) return first === last ? [first] : [first, last];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
