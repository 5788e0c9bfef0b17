/** The words of a text as search compares them, before stemming. */
export interface Words {
  /** In lower case and normalized, without accents. */
  readonly words: readonly string[];
  /** Pairs of characters of scripts that do not separate words by spaces, or join particles to them. */
  readonly pairs: readonly string[];
}

/** Longer ones are hashes and the like. */
const maxWordLength = 64;

/** Invisible: soft hyphen, zero-width space and joiners, word joiner, byte order mark. */
const invisible = /[\u00ad\u200b-\u200d\u2060\ufeff]/g;
/** Accents of Latin, Greek and Cyrillic, vowels of Arabic and Hebrew: often omitted. */
const accents = /[\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0670]/g;

const unspaced =
  "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\u30fc\\u3005]";
const runs = new RegExp(`(?<unspaced>${unspaced}+)|(?:(?!${unspaced})[\\p{L}\\p{N}\\p{M}])+`, "gu");
const hyphens = /[-\u2010\u2011]/g;
/** `multi-platform` is found as `multiplatform` too. */
const hyphenatedWords =
  /(?<![\p{L}\p{N}-])\p{L}{2,20}(?:[-\u2010\u2011]\p{L}{2,20}){1,2}(?![\p{L}\p{N}-])/gu;
const hangul = /\p{Script=Hangul}/u;

/**
 * Splits a text into words. Names in code are returned whole and as their parts: `maxRetries` gives
 * `max`, `retries` and `maxretries`. Scripts without spaces are split by the dictionaries of
 * `Intl.Segmenter`, and into pairs of characters, which match if the dictionaries split differently.
 */
export function splitWords(text: string): Words {
  const words: string[] = [];
  const pairs: string[] = [];
  // One character may expand to eighteen; a text of such characters is not worth eighteen times the work.
  const spelled = text.normalize("NFKC").slice(0, 2 * text.length);
  const clean = spelled.replaceAll(invisible, "");
  for (const [hyphenated] of clean.matchAll(hyphenatedWords))
    words.push(foldCase(hyphenated.replaceAll(hyphens, "")));
  for (const match of clean.matchAll(runs)) {
    const [run] = match;
    if (match.groups?.["unspaced"] !== undefined) {
      words.push(...segments(run));
      pairs.push(...pairsOf(run));
    } else if (run.length <= maxWordLength) {
      words.push(...camelParts(run), foldCase(run));
      if (hangul.test(run)) pairs.push(...pairsOf(run));
    }
  }
  return { words, pairs };
}

/** Lower case, with one sigma, and `ss` for `ß`. Accents are kept, because stemmers need them. */
function foldCase(word: string): string {
  return word.toLowerCase().replaceAll("ς", "σ").replaceAll("ß", "ss");
}

/** Without the accents that writers leave out. */
export function foldAccents(word: string): string {
  return /^[\x20-\x7e]*$/.test(word)
    ? word
    : word.normalize("NFD").replaceAll(accents, "").normalize("NFC");
}

let segmenter: Intl.Segmenter | undefined;

function segments(run: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  return Array.from(segmenter.segment(run), ({ segment }) => segment);
}

function pairsOf(run: string): string[] {
  const characters = Array.from(run);
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

/** The parts of a name in camel case, none for any other word. */
function camelParts(word: string): string[] {
  if (!/\p{Ll}\p{Lu}/u.test(word)) return [];
  return word
    .split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u)
    .filter((part) => part.length > 1)
    .map(foldCase);
}
