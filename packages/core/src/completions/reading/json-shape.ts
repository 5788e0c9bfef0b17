/** Maximum levels of a JSON document: beyond some thousands, recursive code fails. */
export const maxDepth = 500;
/** Maximum values of a JSON text that is parsed at once, which takes 30 ms at most. */
export const maxValuesAtOnce = 80_000;
/** Maximum values of a whole document, such as a catalog. Each takes up to a hundred bytes of memory. */
export const maxValues = 500_000;
/** Objects with more properties are slow to copy. */
const maxProperties = 10_000;
/** Characters outside of texts, and escapes in them, for each value: numbers, and white space. */
const charactersOfValue = 50;
/** A shorter text cannot have many levels or values. */
export const simpleLength = 2 * maxDepth;

const quote = 0x22;
const backslash = 0x5c;

/** Scans a JSON text, in one piece or many, and counts what determines how long parsing it takes. */
export class JsonShape {
  /** Texts, names, lists, objects, and commas, which count the other values. */
  values = 0;
  isTooDeep = false;
  readonly #maxValues: number;
  readonly #maxOutside: number;
  readonly #properties: number[] = [];
  #outside = 0;
  #hasLargeObject = false;
  #isInText = false;
  #isEscaped = false;

  constructor(limit: number) {
    this.#maxValues = limit;
    this.#maxOutside = limit * charactersOfValue;
  }

  /** Whether the text has too many values. */
  get isTooLarge(): boolean {
    return (
      this.values > this.#maxValues || this.#outside > this.#maxOutside || this.#hasLargeObject
    );
  }

  /** Whether all brackets and quotes are closed. */
  get isClosed(): boolean {
    return this.values > 0 && this.#properties.length === 0 && !this.#isInText;
  }

  get isAcceptable(): boolean {
    return !this.isTooDeep && !this.isTooLarge;
  }

  /** Whether it has so few values and escapes that it is parsed at once. */
  get isParsedAtOnce(): boolean {
    return this.values <= maxValuesAtOnce && this.#outside <= maxValuesAtOnce * charactersOfValue;
  }

  feed(piece: string): this {
    let at = 0;
    while (at < piece.length && this.isAcceptable) {
      at = this.#isInText ? this.#endOfText(piece, at) : this.#startOfText(piece, at);
    }
    return this;
  }

  /** @returns the position after the text's end */
  #endOfText(piece: string, start: number): number {
    let at = this.#isEscaped ? start + 1 : start;
    let end = quoteFrom(piece, at);
    for (; at < end; at += 1) {
      if (piece.charCodeAt(at) !== backslash) continue;
      this.#outside += 1;
      at += 1;
      if (at === end) end = quoteFrom(piece, at + 1);
    }
    this.#isEscaped = at > piece.length;
    if (end === piece.length) return end;
    this.#isInText = false;
    return end + 1;
  }

  /** @returns the position after the quote that begins the next text */
  #startOfText(piece: string, start: number): number {
    const properties = this.#properties;
    const stop = Math.min(piece.length, start + this.#maxOutside + 1 - this.#outside);
    for (let at = start; at < stop; at += 1) {
      const code = piece.charCodeAt(at);
      if (code === quote) {
        this.values += 1;
        this.#outside += at - start;
        this.#isInText = true;
        return at + 1;
      }
      if (code === 0x2c) {
        this.values += 1;
        const count = (properties[properties.length - 1] ?? 0) + 1;
        properties[properties.length - 1] = count;
        if (count > maxProperties) this.#hasLargeObject = true;
      } else if (code === 0x7b || code === 0x5b) {
        this.values += 1;
        // Lists may be long.
        properties.push(code === 0x7b ? 0 : -Infinity);
        if (properties.length > maxDepth) this.isTooDeep = true;
      } else if (code === 0x7d || code === 0x5d) properties.pop();
      if ((at & 1023) === 1023 && !this.isAcceptable) return piece.length;
    }
    this.#outside += stop - start;
    return piece.length;
  }
}

/** The position of the next quote, or the piece's length. */
function quoteFrom(piece: string, start: number): number {
  const at = piece.indexOf('"', start);
  return at < 0 ? piece.length : at;
}

/** Whether a JSON text has too many levels or values to be parsed at once. */
export function isTooComplex(text: string): boolean {
  return text.length > simpleLength && !new JsonShape(maxValuesAtOnce).feed(text).isAcceptable;
}
