import { createParser, type EventSourceMessage } from "eventsource-parser";
import { isTurnOver, nextTurn, within, type Clock } from "../../clock/index.ts";
import { tooLarge } from "../invalid-answer.ts";
import { isTooComplex, simpleLength } from "./json-shape.ts";
import { defaultLimits, type BodyLimits } from "../limits.ts";
import { compressedStarts, decompress } from "../http/decode-body.ts";
import type { Packets } from "../http/http.ts";
import { keepAnswer } from "./kept-answers.ts";
import { canParseAtOnce, largeText } from "./parse-json.ts";
import { asEvents, readDocument, readStart, readText } from "./odd-body.ts";
import * as odd from "./read-json.ts";
import type { ChunkBatch, Completion, CompletionChunk } from "../wire.ts";

/** Servers that report usage send it right after the finish reason; others must not be waited for. */
const graceMs = 1000;
/** Bytes that are read at a time: one packet may hold thousands of events. */
const maxPiece = 16 * 2 ** 10;

/**
 * Reads a response from its packets: the chunks of a stream of server-sent events, as many at a time
 * as arrived together, or one JSON document. The first bytes decide, because servers mislabel both.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventReader {
  #packets: Packets;
  readonly #clock: Clock;
  readonly #decoder = new TextDecoder();
  readonly #limits;
  readonly #keepsJson;
  readonly #parser;
  readonly #events: EventSourceMessage[] = [];
  readonly #batch: CompletionChunk[] = [];
  /** Usage after `[DONE]`. */
  readonly #afterEnd: CompletionChunk[] = [];
  #text = "";
  #bytes = 0;
  #rest: Uint8Array | undefined;
  /** Characters since the last event, and its lines if there are many. */
  #unfinished = 0;
  #lines = 0;
  #isDone = false;
  #isOfLines = false;
  #late: Promise<string | undefined> | undefined;
  #failure: Error | undefined;

  /** @param keepsJson - Whether the JSON is kept, if it need not be repaired. */
  constructor(
    packets: Packets,
    clock: Clock,
    limits: BodyLimits = defaultLimits,
    keepsJson = false,
  ) {
    this.#packets = packets;
    this.#clock = clock;
    this.#limits = limits;
    this.#keepsJson = keepsJson;
    this.#parser = createParser({
      maxBufferSize: limits.event,
      onEvent: (event) => void this.#events.push(event),
      onError: ({ type }) => {
        if (type.startsWith("max-")) this.#failure ??= tooLarge("EVENT", limits.event);
      },
    });
  }

  /**
   * Whether the body is one JSON document; reads as far as needed.
   *
   * @throws {ModelError} for a body that is neither
   */
  async isJson(): Promise<boolean> {
    let start = "";
    while (start === "") {
      const packet = await this.#read();
      this.#isDone = packet === undefined;
      if (this.#isDone) return false;
      start = (this.#text + packet).trimStart();
      this.#text = start;
    }
    if (start.startsWith("{") || start.startsWith("[")) {
      const read = () => this.#read();
      [this.#text, this.#isOfLines] = await readStart(start, read, this.#limits.event);
      return !this.#isOfLines;
    }
    if (odd.startOfEvents.test(start)) return false;
    return this.#refuse(odd.neither(start));
  }

  /** @throws {ModelError} for a body that is not one JSON object */
  async readJson(): Promise<Completion> {
    const text = await readText(this.#text, () => this.#read(), this.#limits.event);
    const whole = text ?? (await this.#refuse(tooLarge("EVENT", this.#limits.event)));
    return readDocument(whole, this.#keepsJson);
  }

  /**
   * @param isFinished - Whether the answer has its finish reason: more data is then waited for only a moment.
   * @param lateMs - Waits this long, also for data after `[DONE]`.
   * @returns what has arrived, at least one chunk; `undefined` at `[DONE]` or the connection's end
   * @throws {ModelError} for a chunk that is not JSON; earlier chunks are returned first
   */
  async readChunks(isFinished: boolean, lateMs?: number): Promise<ChunkBatch | undefined> {
    const waitMs = lateMs === undefined || this.#isDone ? graceMs : lateMs;
    const endsAt = isFinished ? this.#clock.now() + waitMs : 0;
    if (lateMs !== undefined) this.#isDone = false;
    while (!this.#isDone && !this.#failure && this.#batch.length === 0) {
      let packet: string | undefined = this.#text;
      this.#text = "";
      if (packet === "") {
        const read = this.#late ?? this.#read();
        packet = await (isFinished ? within(this.#clock, endsAt - this.#clock.now(), read) : read);
        this.#late = isFinished && packet === undefined ? read : undefined;
      }
      if (this.#isOfLines && packet) packet = asEvents(packet);
      // The last event may lack the empty line that ends it. One that is cut off is not read.
      this.#parser.feed(packet ?? "\n\n");
      for (const event of this.#events) {
        const isLarge = event.data.length > largeText;
        this.#take(event, isLarge ? await canParseAtOnce(event.data) : undefined);
        if (isLarge) await nextTurn();
      }
      this.#events.length = 0;
      if (packet === undefined) {
        this.#failure = undefined;
        this.#isDone = this.#late === undefined;
        break;
      }
      this.#unfinished = this.#batch.length > 0 ? 0 : this.#unfinished + packet.length;
      this.#lines = this.#unfinished > 8 * maxPiece ? this.#lines + odd.linesOf(packet) : 0;
      if (this.#lines > odd.maxLines) this.#failure ??= odd.tooManyLines();
    }
    if (this.#batch.length > 0) return this.#batch.splice(0);
    if (isFinished && this.#afterEnd.length > 0) return this.#afterEnd.splice(0);
    if (this.#failure) throw this.#failure;
    return undefined;
  }

  async #read(): Promise<string | undefined> {
    let packet = this.#rest ?? (await this.#packets.read());
    if (!packet) return undefined;
    if (this.#bytes === 0 && compressedStarts.has(packet[0])) {
      [packet, this.#packets] = await decompress(packet, this.#packets);
    }
    this.#rest = packet.byteLength > maxPiece ? packet.subarray(maxPiece) : undefined;
    if (this.#rest) packet = packet.subarray(0, maxPiece);
    this.#bytes += packet.byteLength;
    if (this.#bytes > this.#limits.answer)
      await this.#refuse(tooLarge("ANSWER", this.#limits.answer));
    // Packets that have already arrived resolve at once. Between them other work can run.
    if (this.#bytes > 2 * maxPiece && isTurnOver()) await nextTurn();
    return this.#decoder.decode(packet, { stream: true });
  }

  async #refuse(failure: Error): Promise<never> {
    await this.leave(false);
    throw failure;
  }

  #take({ event, data }: EventSourceMessage, isSimple?: boolean): void {
    if (this.#failure) return;
    if (this.#isDone) return void this.#afterEnd.push(...odd.usageAfterEnd(data));
    if (data === "[DONE]") return void (this.#isDone = true);
    if (data.length > this.#limits.event) {
      return void (this.#failure = tooLarge("EVENT", this.#limits.event));
    }
    const chunk = event === "error" ? undefined : parseObject(data, isSimple);
    if (!chunk) return this.#takeOdd(data.trim(), event);
    if (this.#keepsJson && !data.includes("\n")) keepAnswer(chunk, data, "delta");
    this.#batch.push(chunk as unknown as CompletionChunk);
  }

  #takeOdd(data: string, event: string | undefined): void {
    if (odd.endOfStream.test(data)) this.#isDone = true;
    if (this.#isDone || odd.saysNothing.test(data)) return;
    const chunks = odd.parseOddEvent(event, data);
    if (chunks) this.#batch.push(...(chunks as unknown as CompletionChunk[]));
    else this.#failure = odd.notObject("A chunk of the stream");
  }

  /**
   * Ends the reading. Data after a complete answer is skipped, if it arrives within a moment, so
   * that its connection can be reused. Otherwise the connection is closed.
   */
  async leave(isFinished: boolean): Promise<void> {
    try {
      if (isFinished && (await within(this.#clock, graceMs, this.#drain()))) return;
      await this.#packets.cancel();
    } catch {
      // The answer is complete, or has failed already: the end of its connection does not matter.
    }
  }

  async #drain(): Promise<true> {
    await this.#late;
    while (await this.#read());
    return true;
  }
}

function parseObject(text: string, isSimple = text.length <= simpleLength || !isTooComplex(text)) {
  if (!isSimple) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
