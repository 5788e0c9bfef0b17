/** In characters; shorter texts are found everywhere and prove nothing. */
const shortest = 8;

/** Scripts that need half the characters for the same content. */
const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** Whether words are enough to be checked against a source: at least 8 characters (4 in dense scripts), and a letter. */
export function isEvidence(words: string): boolean {
  return /\p{L}/u.test(words) && words.length >= (dense.test(words) ? shortest / 2 : shortest);
}
