/** In characters; fewer are found anywhere and show nothing. */
const shortest = 8;

/** Scripts that say as much in half the characters. */
const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** Whether words are enough to be checked against a source: at least 8 characters (4 in dense scripts), and a letter. */
export function isEvidence(words: string): boolean {
  return /\p{L}/u.test(words) && words.length >= (dense.test(words) ? shortest / 2 : shortest);
}
