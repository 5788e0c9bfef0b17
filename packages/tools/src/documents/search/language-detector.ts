import type { StopWords } from "./languages.ts";
import { foldAccents } from "./words.ts";

/** Fewer stop words than this are names and quotations, and show no language. */
const minStopWords = 3;

/** Finds the language of a text by its stop words, which a third of most texts are. */
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
