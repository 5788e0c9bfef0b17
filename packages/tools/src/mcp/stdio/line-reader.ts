/**
 * Splits bytes into lines, and keeps at most one of them.
 *
 * @param maxBytes - Maximum bytes of one line.
 * @param onLine - Receives each line, without its end.
 */
export class LineReader {
  readonly #maxBytes: number;
  readonly #onLine: (line: string) => void;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number, onLine: (line: string) => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
  }

  /** @returns `false` for a line that is too long */
  read(chunk: Buffer): boolean {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      const part = chunk.subarray(start, end === -1 ? undefined : end);
      this.#length += part.length;
      if (this.#length > this.#maxBytes) return false;
      this.#parts.push(part);
      if (end === -1) return true;
      const line = Buffer.concat(this.#parts).toString("utf8").replace(/\r$/, "");
      this.#parts = [];
      this.#length = 0;
      this.#onLine(line);
      start = end + 1;
    }
  }
}
