import { PassThrough, Transform, type TransformCallback } from "node:stream";
import zlib from "node:zlib";

const lenient = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
const lenientBrotli = {
  flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
};

export type Encoding = "gzip" | "deflate" | "br" | "zstd";

export const noBytes = Buffer.alloc(0);

const decoders: Readonly<Record<Encoding, (head: Buffer) => Transform>> = {
  gzip: () => zlib.createGunzip(lenient),
  // Some servers send it without zlib's header; the first byte tells which.
  deflate: ([first = 0]) =>
    (first & 0x0f) === 8 ? zlib.createInflate(lenient) : zlib.createInflateRaw(lenient),
  br: () => zlib.createBrotliDecompress(lenientBrotli),
  zstd: () => zlib.createZstdDecompress(),
};

/** Bytes that distinguish a text from compressed data. */
const maxHead = 6;

/** The beginning of JSON, of events, or of a web page. */
const plain =
  /^(\xEF\xBB\xBF)?\s*(\{\s*["}]|\[\s*[{\]"]|(data|event|retry|id):|:\s|<[!a-z]|null|$)/i;

/** Bytes of the header of a gzip member that has no fields in it. */
const gzipHeader = 10;
/** Bytes of a body, and of its decoded data, that are kept to decode its end again. */
const maxKept = 2 ** 16;
const maxRest = 2 ** 22;

/** Node.js's message for data after the end of a gzip member, or of a frame of Zstandard. */
const trailingBytes = /incorrect header check|unknown frame descriptor/i;

/**
 * Decodes a body, or passes it on if its beginning shows that it is not encoded, in spite of its header.
 * Data after the encoded data is ignored. A few bytes may be gigabytes when decoded: it decodes only what is read.
 */
export class BodyDecoder extends Transform {
  readonly #encoding: Encoding;
  #head = noBytes;
  #decoder: Transform | undefined;
  /** Decoded bytes, and the first packets that they were decoded from. */
  #decoded = 0;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #isOver = false;
  #onTaken: TransformCallback | undefined;
  #onEnd: (() => void) | undefined;

  constructor(encoding: Encoding) {
    super();
    this.#encoding = encoding;
  }

  override _transform(packet: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#isOver) return done();
    if (this.#decoder) return this.#write(packet, encoding, done);
    this.#head = Buffer.concat([this.#head, packet]);
    if (this.#head.byteLength < maxHead) return done();
    this.#begin();
    this.#write(this.#head, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#decoder && this.#head.byteLength > 0) this.#begin().write(this.#head);
    if (this.#isOver || !this.#decoder) return done();
    this.#onEnd = done;
    this.#decoder.end();
  }

  override _read(size: number): void {
    this.#decoder?.resume();
    super._read(size);
  }

  #write(packet: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    this.#receivedBytes += packet.byteLength;
    if (this.#receivedBytes <= maxKept) this.#received.push(packet);
    this.#onTaken = done;
    // A decoder that fails does not call its callback.
    this.#decoder?.write(packet, encoding, () => this.#take());
  }

  #begin(): Transform {
    const isPlain = plain.test(this.#head.toString("latin1", 0, 2 * maxHead));
    const decoder = isPlain ? new PassThrough() : decoders[this.#encoding](this.#head);
    this.#decoder = decoder;
    decoder.on("data", (data) => {
      this.#decoded += (data as Buffer).byteLength;
      if (!this.push(data)) decoder.pause();
    });
    decoder.on("end", () => this.#end());
    decoder.on("error", (error) => {
      const rest = trailingBytes.test(error.message) ? this.#rest() : undefined;
      if (!rest) return void this.destroy(error);
      this.push(rest);
      this.#end();
    });
    return decoder;
  }

  /**
   * Node.js discards the decoded part of a packet if other data follows it. This part is decoded
   * again.
   *
   * @returns `undefined` if that cannot be determined
   */
  #rest(): Buffer | undefined {
    const [first, , , flags] = this.#received[0] ?? noBytes;
    if (first !== 0x1f) return this.#decoded > 0 ? noBytes : undefined;
    if (flags !== 0 || this.#receivedBytes > maxKept) return undefined;
    const body = Buffer.concat(this.#received).subarray(gzipHeader);
    try {
      return zlib.inflateRawSync(body, { maxOutputLength: maxRest }).subarray(this.#decoded);
    } catch {
      return undefined;
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#take();
    this.#onEnd?.();
    this.#onEnd = undefined;
  }

  #take(): void {
    const done = this.#onTaken;
    this.#onTaken = undefined;
    done?.();
  }
}
