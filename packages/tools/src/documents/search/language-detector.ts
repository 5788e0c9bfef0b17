import type { StopWords } from "./languages.ts";
import { foldAccents } from "./words.ts";

/** A text with fewer stop words consists of names and quotations: its language cannot be detected. */
const minStopWords = 3;

/** Detects the language of a text by its stop words, which are a third of most texts. */
export class LanguageDetector {
  readonly #languagesOf = new Map<string, string[]>();

  constructor(stopWords: StopWords) {
    for (const [language, words] of stopWords) {
      for (const word of words) {
        const languages = this.#languagesOf.get(word);
        if (languages) languages.push(language);
        else this.#languagesOf.set(word, [language]);
      }
    }
  }

  detect(words: readonly string[]): string | undefined {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (const language of this.#languagesOf.get(foldAccents(word)) ?? []) {
        counts.set(language, (counts.get(language) ?? 0) + 1);
      }
    }
    let best: string | undefined;
    let most = minStopWords - 1;
    for (const [language, count] of counts) {
      if (count > most) [best, most] = [language, count];
    }
    return best;
  }
}
