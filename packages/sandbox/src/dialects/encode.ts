import zlib from "node:zlib";
import type { Dialect } from "./dialect.ts";

type Encoding = NonNullable<Dialect["encoding"]>;

/** The value of `Content-Encoding`: `deflate` is sent with and without zlib's header. */
export function contentEncoding(encoding: Encoding): string {
  return encoding === "deflate-raw" ? "deflate" : encoding;
}

/** Compresses a whole body. */
export function encode(text: string, encoding: Encoding): Buffer {
  return encoders[encoding].whole(text);
}

/** Compresses a stream, piece by piece. */
export function createEncoder(encoding: Encoding): zlib.Gzip {
  return encoders[encoding].stream();
}

const encoders = {
  gzip: { whole: zlib.gzipSync, stream: zlib.createGzip },
  br: { whole: zlib.brotliCompressSync, stream: zlib.createBrotliCompress },
  deflate: { whole: zlib.deflateSync, stream: zlib.createDeflate },
  "deflate-raw": { whole: zlib.deflateRawSync, stream: zlib.createDeflateRaw },
  zstd: { whole: zlib.zstdCompressSync, stream: zlib.createZstdCompress },
} as const;
