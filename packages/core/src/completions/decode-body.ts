import { pipeline, Transform, type Readable, type TransformCallback } from "node:stream";
import zlib from "node:zlib";
import { invalid } from "./invalid-answer.ts";

/** Each takes memory of its own. */
const maxEncodings = 4;

/** No encoding, as it should be called, and what servers write who take it for the charset. */
const unencoded = new Set(["", "identity", "none", "utf-8", "utf8", "us-ascii", "iso-8859-1"]);

/**
 * Undoes a `Content-Encoding`, which proxies apply unasked. A body that ends within its compressed
 * data gives what could be read: whether the answer is complete is for its reader to judge.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9110#section-8.4
 *
 * @throws {ModelError} for an encoding that is not known
 */
export function decodeBody(body: Readable, contentEncoding: string): Readable {
  let decoded = body;
  const names = contentEncoding.toLowerCase().split(",");
  if (names.length > maxEncodings) {
    body.on("error", ignore).destroy();
    throw invalid(`The answer is encoded ${names.length} times over`, "malformed");
  }
  // The encodings are in the order in which they were applied.
  for (const name of names.toReversed()) {
    const encoding = name.trim();
    if (unencoded.has(encoding)) continue;
    const createDecoder = decoders[encoding];
    if (!createDecoder) {
      // A destroyed body emits an error, which nobody reads.
      body.on("error", ignore).destroy();
      throw invalid(`The answer has an unknown Content-Encoding: ${encoding}`, "malformed");
    }
    decoded = pipeline(decoded, createDecoder(), ignore);
  }
  return decoded;
}

/** The last stream of a pipeline has the error too, and its reader throws it. */
const ignore = (): void => undefined;

const lenient = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
const lenientBrotli = {
  flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
};

const decoders: Readonly<Record<string, (() => Transform) | undefined>> = {
  gzip: () => zlib.createGunzip(lenient),
  "x-gzip": () => zlib.createGunzip(lenient),
  deflate: () => new Inflate(),
  br: () => zlib.createBrotliDecompress(lenientBrotli),
  // Node has it from 22.15 on.
  ...(typeof zlib.createZstdDecompress === "function"
    ? { zstd: () => zlib.createZstdDecompress() }
    : {}),
};

/** Decodes `deflate`, which some servers send without zlib's wrapping; the first byte says which. */
class Inflate extends Transform {
  #decoder: zlib.Inflate | zlib.InflateRaw | undefined;

  override _transform(packet: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    this.#decoder ??= this.#createDecoder(packet);
    this.#decoder.write(packet, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#decoder) done();
    else this.#decoder.once("end", () => done()).end();
  }

  #createDecoder(packet: Buffer): zlib.Inflate | zlib.InflateRaw {
    const isWrapped = ((packet[0] ?? 0) & 0x0f) === 8;
    const decoder = isWrapped ? zlib.createInflate(lenient) : zlib.createInflateRaw(lenient);
    decoder.on("data", (data) => this.push(data));
    return decoder.on("error", (error) => this.destroy(error));
  }
}
