import { stemmer } from "stemmer";

const stopWords = new Set(
  (
    "a about all also am an and any are as at be been being but by can could did do does each for from had has have " +
    "how i if in into is it its itself just many me much my no not of on one only or our out so some such than that the their " +
    "them then there these they this those to too us was we were what when where which while who whom whose why will " +
    "with would you your"
  ).split(" "),
);

const stems = new Map<string, string>();
/** Beyond this the words are not a language's but hashes and the like. */
const mostStems = 200_000;

/**
 * The words of a text as search compares them: lower case, English stems, without stop words. Names in code are found
 * whole and by their parts: `maxRetries` gives `maxretri`, `max` and `retri`.
 */
export function tokenize(text: string): string[] {
  const terms: string[] = [];
  for (const [word] of text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu)) {
    if (word.length > 64) continue;
    if (withoutSpaces.test(word)) terms.push(...segments(word));
    else terms.push(...camelParts(word), word);
  }
  return terms.flatMap((term) => {
    const lower = term.toLowerCase();
    return stopWords.has(lower) ? [] : [stem(lower)];
  });
}

const withoutSpaces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
let segmenter: Intl.Segmenter | undefined;

/** Words of scripts that are written without spaces. */
function segments(run: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  return Array.from(segmenter.segment(run), ({ segment }) => segment);
}

/** The parts of a name in camel case, none for any other word. */
function camelParts(word: string): string[] {
  if (!/[a-z][A-Z]/.test(word)) return [];
  return word.split(/(?<=[a-z0-9])(?=[A-Z])/).filter((part) => part.length > 1);
}

function stem(word: string): string {
  if (!/^[a-z]{3,}$/.test(word)) return word;
  const known = stems.get(word);
  if (known !== undefined) return known;
  const stemmed = stemmer(word);
  if (stems.size < mostStems) stems.set(word, stemmed);
  return stemmed;
}
