import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import { invalid } from "./check-completion.ts";
import { packetsOf, type Packets } from "./packets.ts";
import type { CompletionChunk, OpenRouterFields } from "./wire.ts";

export type Chunk = CompletionChunk & OpenRouterFields;

/**
 * Reads the chunks of a completion off a stream of server-sent events, as many at a time as arrived
 * together: one turn for each packet, not one for each token.
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html; comments, such as
 * OpenRouter's `: OPENROUTER PROCESSING`, are passed over.
 */
export class ChunkReader {
  readonly #packets: Packets | undefined;
  readonly #decoder = new StringDecoder("utf8");
  #batch: Chunk[] = [];
  #isDone = false;
  #failure: Error | undefined;
  readonly #parser = createParser({ onEvent: ({ data }) => this.#take(data) });

  constructor(body: ReadableStream<Uint8Array> | Readable | null) {
    this.#packets = body ? packetsOf(body) : undefined;
  }

  /**
   * @returns what has arrived, at least one chunk; `undefined` at `[DONE]` or the connection's end
   * @throws {ModelError} for a chunk that is no JSON; what came before it is returned first
   */
  async read(): Promise<readonly Chunk[] | undefined> {
    while (!this.#isDone && !this.#failure && this.#batch.length === 0) {
      const packet = await this.#packets?.read();
      if (packet) {
        this.#parser.feed(this.#decoder.write(packet));
      } else {
        // The last event may lack the empty line that ends it.
        this.#parser.reset({ consume: true });
        this.#isDone = true;
      }
    }
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) return batch;
    if (this.#failure) throw this.#failure;
    return undefined;
  }

  #take(data: string): void {
    if (this.#isDone || this.#failure) return;
    if (data === "[DONE]") {
      this.#isDone = true;
      return;
    }
    const chunk = parse(data);
    if (chunk) this.#batch.push(chunk);
    else this.#failure = invalid("A chunk of the stream is not a JSON object", "malformed");
  }

  /**
   * Passes over what is left, to the connection's end. A body that is not read to its end keeps its
   * connection, and whatever listens to its request's signal.
   */
  async drain(): Promise<true> {
    while (await this.#packets?.read());
    return true;
  }

  /** Cuts the connection, though a read may be under way. */
  async cancel(): Promise<void> {
    await this.#packets?.cancel();
  }
}

function parse(data: string): Chunk | undefined {
  try {
    const chunk: unknown = JSON.parse(data);
    return typeof chunk === "object" && chunk !== null ? (chunk as Chunk) : undefined;
  } catch {
    return undefined;
  }
}
