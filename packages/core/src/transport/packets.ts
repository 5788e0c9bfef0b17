import { Readable } from "node:stream";

/** The bytes of a body, as they arrive. */
export interface Packets {
  /** @returns nothing at the end */
  read(): Promise<Uint8Array | undefined>;
  /** Cuts the connection, though a read may be under way. */
  cancel(): Promise<void>;
}

/** Of a standard body, as a `fetch` of the user's gives one, or of Node's. */
export function packetsOf(body: ReadableStream<Uint8Array> | Readable): Packets {
  return body instanceof Readable ? new NodePackets(body) : new WebPackets(body);
}

class WebPackets implements Packets {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  async read(): Promise<Uint8Array | undefined> {
    const { value } = await this.#reader.read();
    return value;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

/** Reads by hand: the stream's own iterator costs more than all the rest of a short answer. */
class NodePackets implements Packets {
  readonly #body: Readable;
  #error: Error | undefined;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor(body: Readable) {
    this.#body = body;
    const wake = () => this.#wake?.();
    body.on("readable", wake);
    body.on("end", () => this.#end());
    body.on("close", () => this.#end());
    body.on("error", (error) => this.#end(error));
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const packet = this.#body.read() as Uint8Array | null;
      if (packet) return packet;
      if (this.#error) throw this.#error;
      if (this.#hasEnded) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  async cancel(): Promise<void> {
    this.#body.destroy();
  }

  #end(error?: Error): void {
    this.#error ??= error;
    this.#hasEnded = true;
    this.#wake?.();
  }
}
