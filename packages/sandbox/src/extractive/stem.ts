const cache = new Map<string, string>();

/** Size of the cache, enough for the vocabulary of any run; further words are stemmed each time. */
const CACHE_SIZE = 50_000;

/** Reduces a word, in lower case, to the common part of its forms: `retries`, `retried` and `retrying` to one. */
export function stem(word: string): string {
  const known = cache.get(word);
  if (known !== undefined) return known;
  const stemmed = /^[a-z]{4,}$/.test(word) ? stripSuffixes(word) : word;
  if (cache.size < CACHE_SIZE) cache.set(word, stemmed);
  return stemmed;
}

/** From the longest to the shortest; `keeps` is the minimum rest of the word for the rule to apply. */
const RULES: readonly (readonly [suffix: RegExp, replacement: string, keeps: number])[] = [
  [/ization$/, "iz", 3],
  [/ational$/, "at", 3],
  [/ations?$/, "", 4],
  [/fulness$|ousness$|iveness$/, "", 3],
  [/ments?$/, "", 4],
  [/ness$/, "", 3],
  [/([st])ions?$/, "$1", 5],
  [/ably$|ibly$|able$|ible$/, "", 4],
  [/ally$/, "al", 3],
  [/ly$/, "", 3],
  [/(?:ers|ors|er|or)$/, "", 5],
];

function stripSuffixes(word: string): string {
  let result = stripPlural(word);
  result = stripTense(result);
  for (const [suffix, replacement, keeps] of RULES) {
    if (!suffix.test(result)) continue;
    const shorter = result.replace(suffix, replacement);
    if (shorter.length >= keeps) result = undouble(shorter);
  }
  return result.replace(/e$/, "").replace(/([^aeiou])y$/, "$1i");
}

function stripPlural(word: string): string {
  if (word.endsWith("sses")) return word.slice(0, -2);
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  return /[^su]s$/.test(word) && !word.endsWith("is") ? word.slice(0, -1) : word;
}

function stripTense(word: string): string {
  if (word.endsWith("ied") && word.length > 4) return `${word.slice(0, -3)}y`;
  const stripped = /^(.*[aeiouy].*?)(?:ing|ed)$/.exec(word)?.[1];
  if (stripped === undefined || stripped.length < 3) return word;
  return undouble(stripped);
}

/** `stopp` to `stop`, but `pass` and `install` are not changed. */
function undouble(word: string): string {
  return /([^aeiouylsz])\1$/.test(word) ? word.slice(0, -1) : word;
}
