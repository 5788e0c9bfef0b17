/** The question of one pipeline, and the only right answer. */
export interface Fact {
  readonly name: string;
  /** Six digits that no other pipeline's fact has. */
  readonly number: string;
  readonly question: string;
  /** The sentence with the answer. */
  readonly sentence: string;
  readonly path: string;
  readonly line: number;
  /** A text that contains the sentence. */
  readonly passage: string;
}

const consonants = "bdfgklmnprtvz";
const vowels = "aeiou";
const syllables = consonants.length * vowels.length;

/** The fact of a pipeline. It is different for each index and each seed. */
export function factOf(index: number, seed: number): Fact {
  const name = nameOf(index);
  const number = String(100_000 + ((index * 7919 + seed * 104_729) % 900_000));
  const sentence = `The lighthouse of ${name} stands in the register of the coast under the number ${number}, which the harbour office painted above its door.`;
  return {
    name,
    number,
    question: `What is the number of the lighthouse of ${name} in the register?`,
    sentence,
    path: `coast/${name.toLowerCase()}.md`,
    line: 1 + (index % 40),
    passage: `${sentence} Its foot is made of oak. Nobody remembers who planted the elms behind it.`,
  };
}

/** A name of four syllables, which no stemmer shortens to the name of another pipeline. */
function nameOf(index: number): string {
  let rest = index;
  let name = "";
  for (const _ of "1234") {
    const syllable = rest % syllables;
    rest = Math.floor(rest / syllables);
    name += `${consonants[syllable % consonants.length]}${vowels[Math.floor(syllable / consonants.length)]}`;
  }
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}x`;
}

/** Returns what is wrong with the text of an answer; `undefined` for the right one. */
export function problemOf(text: string, fact: Fact): string | undefined {
  const said = text.replaceAll(/\s+/g, " ");
  const numbers: readonly string[] = said.match(/\d{6}/g) ?? [];
  const foreign = numbers.find((number) => number !== fact.number);
  if (foreign !== undefined) return `it holds ${foreign}, another's number`;
  if (!numbers.includes(fact.number)) return "it lacks the number";
  // The mark of the citation is before or after the full stop.
  const words = said.replaceAll(/ ?\[\d+\]/g, "").trim();
  return words === fact.sentence ? undefined : "it is cut short, doubled or reworded";
}
