import { setImmediate } from "node:timers/promises";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { within, type Clock } from "../clock/index.ts";
import { tooLarge } from "./invalid-answer.ts";
import { isTooDeep, maxDepth } from "./is-too-deep.ts";
import { defaultLimits, type ResponseLimits } from "./limits.ts";
import type { Packets } from "./http.ts";
import * as odd from "./read-json.ts";
import type { Completion, CompletionChunk } from "./wire.ts";

/** Servers that report usage do so right behind the finish; one that does not must not be waited for. */
const graceMs = 1000;
/** Read without a turn of the event loop: packets that are there already resolve at once. */
const maxBytesOfTurn = 128 * 2 ** 10;

/**
 * Reads a response off its packets: the chunks of a stream of server-sent events, as many at a time
 * as arrived together, or one JSON document. Which of the two it is, its first bytes say: servers
 * label streams as JSON, and JSON as a stream.
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html; comments, such as
 * OpenRouter's `: OPENROUTER PROCESSING`, are passed over.
 */
export class EventReader {
  readonly #packets: Packets;
  readonly #clock: Clock;
  readonly #decoder = new TextDecoder();
  readonly #limits: Pick<ResponseLimits, "answer" | "event">;
  readonly #parser;
  #batch: CompletionChunk[] = [];
  #text = "";
  #bytes = 0;
  #bytesAtTurn = 0;
  /** Characters since the last event, and its lines where there are many characters. */
  #unfinished = 0;
  #lines = 0;
  #isDone = false;
  #failure: Error | undefined;

  /** @param limits - In bytes, of the whole response and of one JSON document in it. */
  constructor(
    packets: Packets,
    clock: Clock,
    limits: Pick<ResponseLimits, "answer" | "event"> = defaultLimits,
  ) {
    this.#packets = packets;
    this.#clock = clock;
    this.#limits = limits;
    this.#parser = createParser({
      maxBufferSize: limits.event,
      onEvent: (event) => this.#take(event),
      onError: ({ type }) => {
        if (type === "max-buffer-size-exceeded")
          this.#failure ??= tooLarge("EVENT", this.#limits.event);
      },
    });
  }

  /**
   * Whether the body is one JSON document; reads as far as needed to know.
   *
   * @throws {ModelError} for a body that is neither
   */
  async isJson(): Promise<boolean> {
    let start = "";
    while (start === "") {
      const packet = await this.#read();
      if (packet === undefined) {
        this.#isDone = true;
        return false;
      }
      start = (this.#text + packet).trimStart();
      // A body that begins with endless spaces is scanned once.
      this.#text = start;
    }
    if (start.startsWith("{") || start.startsWith("[")) return true;
    if (!odd.startOfEvents.test(start)) {
      await this.leave(false);
      throw odd.neither(start);
    }
    this.#parser.feed(this.#text);
    this.#text = "";
    return false;
  }

  /**
   * Reads the whole body as one JSON document.
   *
   * @throws {ModelError} for text that is not a JSON object
   */
  async readJson(): Promise<Completion> {
    for (let packet = await this.#read(); packet !== undefined; packet = await this.#read()) {
      this.#text += packet;
      if (this.#text.length > this.#limits.event) {
        await this.leave(false);
        throw tooLarge("EVENT", this.#limits.event);
      }
    }
    const value = parseObject(this.#text) ?? odd.parseLoosely(this.#text);
    if (!value) throw odd.notObject("The answer");
    return value as unknown as Completion;
  }

  /**
   * @param isFinished - Whether the answer has its finish: what follows is then waited for a moment only.
   * @returns what has arrived, at least one chunk; `undefined` at `[DONE]` or the connection's end
   * @throws {ModelError} for a chunk that is not JSON; what came before it is returned first
   */
  async readChunks(isFinished: boolean): Promise<readonly CompletionChunk[] | undefined> {
    while (!this.#isDone && !this.#failure && this.#batch.length === 0) {
      const read = this.#read();
      const packet = await (isFinished ? within(this.#clock, graceMs, read) : read);
      if (packet !== undefined) {
        this.#parser.feed(packet);
        this.#unfinished = this.#batch.length > 0 ? 0 : this.#unfinished + packet.length;
        this.#lines = this.#unfinished > maxBytesOfTurn ? this.#lines + odd.linesOf(packet) : 0;
        if (this.#lines > odd.maxLines) this.#failure ??= odd.tooManyLines();
      } else {
        // The last event may lack the empty line that ends it. One that is cut off is not read.
        this.#parser.feed("\n\n");
        this.#failure = undefined;
        this.#isDone = true;
      }
    }
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) return batch;
    if (this.#failure) throw this.#failure;
    return undefined;
  }

  async #read(): Promise<string | undefined> {
    const packet = await this.#packets.read();
    if (!packet) return undefined;
    this.#bytes += packet.byteLength;
    if (this.#bytes > this.#limits.answer) {
      await this.leave(false);
      throw tooLarge("ANSWER", this.#limits.answer);
    }
    if (this.#bytes - this.#bytesAtTurn > maxBytesOfTurn) {
      this.#bytesAtTurn = this.#bytes;
      await setImmediate();
    }
    return this.#decoder.decode(packet, { stream: true });
  }

  #take({ event, data }: EventSourceMessage): void {
    if (this.#isDone || this.#failure) return;
    if (data === "[DONE]") return void (this.#isDone = true);
    if (data.length > this.#limits.event) {
      this.#failure = tooLarge("EVENT", this.#limits.event);
      return;
    }
    const chunk = event === "error" ? undefined : parseObject(data);
    if (chunk) this.#batch.push(chunk as unknown as CompletionChunk);
    else this.#takeOdd(data.trim(), event);
  }

  /** Takes an event that is not a chunk: the end, an error, nothing at all. */
  #takeOdd(data: string, event: string | undefined): void {
    if (odd.endOfStream.test(data)) this.#isDone = true;
    if (this.#isDone || data === "" || data === "null") return;
    const chunks = odd.parseOddEvent(event, data);
    if (chunks) this.#batch.push(...(chunks as unknown as CompletionChunk[]));
    else this.#failure = odd.notObject("A chunk of the stream");
  }

  /**
   * Ends the reading. A body that is not read to its end keeps its connection, and what listens to its
   * request's signal: of an answer that is complete, the rest is passed over, if it comes within a
   * moment; any other connection is closed.
   */
  async leave(isFinished: boolean): Promise<void> {
    try {
      const isOver = isFinished && (await within(this.#clock, graceMs, this.#drain()));
      if (!isOver) await this.#packets.cancel();
    } catch {
      // The answer is complete, or failed already; how its connection ends changes nothing.
    }
  }

  async #drain(): Promise<true> {
    while (await this.#packets.read());
    return true;
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  // A short text cannot have many levels.
  if (text.length > 2 * maxDepth && isTooDeep(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
