import { foldAccents } from "./search/words.ts";

/** Text in the form in which quotations are compared, with the original position of each character. */
export interface FoldedText {
  text: string;
  /** For each character of `text`, the offset in the source at which its original starts. */
  starts: Uint32Array;
  /** For each character of `text`, the offset in the source after its original. */
  ends: Uint32Array;
}

export interface FoldOptions {
  /** How a hyphen at the end of a line is handled: `keep` it and the space, or join the line to the next. @defaultValue `"keep"` */
  readonly lineEndHyphens?: "keep" | "join" | "drop";
  /** How accents, and the vowels of Arabic and Hebrew, are handled. @defaultValue `"keep"` */
  readonly accents?: Accents;
}

export type Accents = "keep" | "drop";

/** Characters that have several spellings with the same meaning. */
const sameAs = new Map<string, string>([
  ...same("'", "\u2018\u2019\u201a\u201b\u2032\u02bc\u2039\u203a"),
  ...same('"', "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"),
  ...same("-", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"),
  // Invisible: soft hyphen, zero-width space and joiners, word joiner, byte order mark; NUL represents markup.
  ...same("", "\u00ad\u200b\u200c\u200d\u2060\ufeff\0"),
  ["\u2026", "..."],
  // Full width.
  ...Array.from({ length: 94 }, (_, at): [string, string] => [
    String.fromCharCode(0xff01 + at),
    String.fromCharCode(0x21 + at),
  ]),
  ["\ufb00", "ff"],
  ["\ufb01", "fi"],
  ["\ufb02", "fl"],
  ["\ufb03", "ffi"],
  ["\ufb04", "ffl"],
]);

function same(canonical: string, variants: string): [string, string][] {
  return Array.from(variants, (variant) => [variant, canonical]);
}

const whiteSpace = /\s/;
const combining = /\p{M}/u;
const letter = /^\p{L}/u;

/**
 * Removes the differences that a quotation may have: the amount and kind of white space, typographic quotes,
 * dashes, ellipses and ligatures, full width, invisible characters, composed or decomposed accents. Case and every
 * other character are kept.
 */
export function foldText(
  source: string,
  { lineEndHyphens = "keep", accents = "keep" }: FoldOptions = {},
): FoldedText {
  const folded: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const write = (text: string, start: number, end: number) => {
    for (let unit = 0; unit < text.length; unit += 1) {
      folded.push(text.charAt(unit));
      starts.push(start);
      ends.push(end);
    }
  };
  for (let at = 0; at < source.length;) {
    const start = at;
    at = endOfCharacter(source, start);
    const character = source.slice(start, at);
    if (character.length === 1 && character > " " && character <= "~") {
      // Most text is ASCII, in which only white space is changed.
      write(character, start, at);
    } else if (whiteSpace.test(character)) {
      const joins = lineEndHyphens !== "keep" && character === "\n" && isHyphenated(folded);
      if (joins) {
        if (lineEndHyphens === "drop") [folded, starts, ends].forEach((list) => list.pop());
        at += /^\s*/.exec(source.slice(at, at + 200))?.[0].length ?? 0;
      } else if (folded.length > 0 && folded.at(-1) !== " ") {
        write(" ", start, at);
      }
    } else {
      const dropsAccents = accents === "drop" && letter.test(character);
      const spelled = dropsAccents ? foldAccents(character) : character.normalize("NFC");
      write(sameAs.get(character) ?? spelled, start, at);
    }
  }
  return {
    text: folded.join(""),
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
  };
}

/** The offset after the character at `start`, with the accents that combine with it. */
function endOfCharacter(source: string, start: number): number {
  let end = start + ((source.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
  while (source.charCodeAt(end) >= 0x300 && combining.test(source[end] ?? "")) end += 1;
  return end;
}

function isHyphenated(folded: readonly string[]): boolean {
  return folded.at(-1) === "-" && /\p{L}/u.test(folded.at(-2) ?? "");
}
