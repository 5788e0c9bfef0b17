/** Number of lines of standard error in an error. */
const maxLines = 10;
const maxBytes = 8_000;

/** The end of a process's output: enough to explain its failure, and limited in size. */
export class TextTail {
  #bytes = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(-maxBytes)]).subarray(-maxBytes);
  }

  /** Its last lines; `""` if there are none. */
  get text(): string {
    const lines = this.#bytes.toString("utf8").split(/\r?\n/);
    return lines
      .filter((line) => line.trim() !== "")
      .filter((line, index, all) => !(isFrame(line) && isFrame(all[index - 1])))
      .slice(-maxLines)
      .join("\n");
  }
}

/** A line of a stack trace. Only the first one is shown: the error's message is above all of them. */
function isFrame(line: string | undefined): boolean {
  return line !== undefined && /^\s+at /.test(line);
}
