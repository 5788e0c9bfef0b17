/** In characters; shorter parts are endings more often than words. */
const minPart = 4;
const minWhole = 8;
/** Letters that German and related languages put between parts. */
const links = ["", "s", "es", "n", "en", "e"];
/** For a part as frequent as `data`, more compounds would only be noise. */
const maxWholes = 24;

/** Finds the words of a vocabulary that consist of others: `installationsfehler` of `installation` and `fehler`. */
export class Compounds {
  readonly #vocabulary: ReadonlyMap<string, unknown>;
  readonly #wholes = new Map<string, string[]>();

  constructor(vocabulary: ReadonlyMap<string, unknown>) {
    this.#vocabulary = vocabulary;
    for (const term of vocabulary.keys()) {
      for (const part of this.partsOf(term)) {
        const wholes = this.#wholes.get(part);
        if (!wholes) this.#wholes.set(part, [term]);
        else if (wholes.length < maxWholes) wholes.push(term);
      }
    }
  }

  /** The parts of a compound, all of them known words; empty for another word. */
  partsOf(word: string): string[] {
    if (word.length < minWhole || !/^\p{L}+$/u.test(word)) return [];
    for (let at = word.length - minPart; at >= minPart; at -= 1) {
      const tail = word.slice(at);
      if (!this.#vocabulary.has(tail)) continue;
      const head = this.#headOf(word.slice(0, at));
      if (head !== undefined) return [head, tail];
    }
    return [];
  }

  /** The compounds that contain a word as a part. */
  wholesOf(word: string): readonly string[] {
    return this.#wholes.get(word) ?? [];
  }

  #headOf(text: string): string | undefined {
    for (const link of links) {
      const head = text.slice(0, text.length - link.length);
      if (head.length >= minPart && text.endsWith(link) && this.#vocabulary.has(head)) return head;
    }
    return undefined;
  }
}
