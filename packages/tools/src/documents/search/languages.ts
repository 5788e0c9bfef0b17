import { foldAccents } from "./words.ts";

/** The stop words of each language, in lower case and without accents. */
export type StopWords = ReadonlyMap<string, ReadonlySet<string>>;

/** The names in `@orama/stopwords` and `@orama/stemmers`. */
const stemmedLanguages = (
  "english arabic armenian bulgarian danish dutch finnish french german greek hungarian indian indonesian irish italian " +
  "lithuanian nepali norwegian portuguese romanian russian serbian slovenian spanish swedish tamil turkish ukrainian"
).split(" ");

/** Their words have no endings, or the segmentation removes them. */
const unstemmedLanguages = ["japanese", "mandarin"];

/** Words of questions and requests that are missing in the lists of `@orama/stopwords`. */
const questionWords: Readonly<Record<string, string>> = {
  dutch: "waarom wanneer welke welk hoeveel wie waar",
  english: "many much please long tell possible get let make",
  french:
    "quand pourquoi comment combien où lequel laquelle lesquels peut peux faut doit dois quoi",
  german:
    "warum wann wieso weshalb woher wohin womit wodurch wofür wer wen wem wessen wieviel viele gibt bekomme muss darf " +
    "soll bitte lassen lässt geht",
  italian: "perché quando quale quali quanto quanti dove come chi",
  japanese: "か どう どのくらい いくつ いつ なぜ どれ ください すれ いい まで よう しよ",
  mandarin: "吗 呢 怎样 怎么 怎么样 如何 什么 为什么 为何 哪 哪些 哪个 多少 多久 是不是 可以 是否",
  portuguese: "porque quando qual quais quanto quantos onde como quem",
  spanish: "porqué cuándo cuál cuáles cuánto cuántos dónde cómo quién",
};

interface StopWordsModule {
  readonly stopwords: readonly string[];
}

interface StemmerModule {
  readonly stemmer: (word: string) => string;
}

export async function loadStopWords(): Promise<StopWords> {
  const names = [...stemmedLanguages, ...unstemmedLanguages];
  const lists = names.map(async (name) => {
    const { stopwords } = (await import(
      /* @vite-ignore */ `@orama/stopwords/${name}`
    )) as StopWordsModule;
    const words = [...stopwords, ...(questionWords[name]?.split(" ") ?? [])];
    return [name, new Set(words.map((word) => foldAccents(word.toLowerCase())))] as const;
  });
  return new Map(await Promise.all(lists));
}

/** The stemmer of a language, for words in lower case. */
export async function loadStemmer(name: string): Promise<(word: string) => string> {
  if (!stemmedLanguages.includes(name)) return (word) => word;
  const { stemmer } = (await import(/* @vite-ignore */ `@orama/stemmers/${name}`)) as StemmerModule;
  return stemmer;
}
