/** Lines of standard error that an error shows. */
const maxLines = 10;
const maxBytes = 8_000;

/** The end of what a process wrote: enough to say why it failed, whatever it wrote before. */
export class TextTail {
  #bytes = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(-maxBytes)]).subarray(-maxBytes);
  }

  /** Its last lines; `""` where there are none. */
  get text(): string {
    const lines = this.#bytes.toString("utf8").split(/\r?\n/);
    return lines
      .filter((line) => line.trim() !== "")
      .slice(-maxLines)
      .join("\n");
  }
}
