import { pipeline, Readable } from "node:stream";
import zlib from "node:zlib";
import { BodyDecoder, noBytes, type Encoding } from "./body-decoder.ts";
import type { Packets } from "./http.ts";
import { invalid } from "../invalid-answer.ts";

/** Each decoder takes memory. */
const maxEncodings = 4;

/** Names for no encoding, including values of servers that confuse it with the charset. */
const unencoded = new Set(["", "identity", "none", "utf-8", "utf8", "us-ascii", "iso-8859-1"]);

/**
 * Decodes a `Content-Encoding`, which proxies may apply unrequested. If a body ends within its compressed
 * data, the decodable part is returned: the reader checks whether the answer is complete. A body that is
 * not encoded, in spite of its header, is passed on.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9110#section-8.4
 *
 * @throws {ModelError} for an unknown encoding; the connection is closed
 */
export function decodeBody(body: Packets, contentEncoding: string): Packets {
  try {
    return decoded(body, encodingsOf(contentEncoding));
  } catch (error) {
    void body.cancel();
    throw error;
  }
}

/** @returns in the order in which they are decoded */
function encodingsOf(contentEncoding: string): readonly Encoding[] {
  const given = contentEncoding.toLowerCase().split(",");
  if (given.length > maxEncodings) {
    throw invalid(`The answer is encoded ${given.length} times over`, "malformed");
  }
  const applied = given.map((label) => label.trim()).filter((name) => !unencoded.has(name));
  // The header lists the encodings in the order in which they were applied.
  return applied.toReversed().map((name) => {
    const encoding = names[name];
    if (encoding) return encoding;
    throw invalid(`The answer has an unknown Content-Encoding: ${name}`, "malformed");
  });
}

function decoded(body: Packets, encodings: readonly Encoding[]): Packets {
  if (encodings.length === 0) return body;
  const read = async function* () {
    for (let next = await body.read(); next; next = await body.read()) yield next;
  };
  let stream = Readable.from(read());
  for (const encoding of encodings) stream = pipeline(stream, new BodyDecoder(encoding), ignore);
  return packetsOf(stream, () => body.cancel());
}

/** The data of a stream. A failure is thrown by the read that meets it. */
export function packetsOf(stream: Readable, onCancel?: () => Promise<void>): Packets {
  stream.on("error", ignore);
  const iterator = stream.iterator({ destroyOnReturn: false });
  return {
    read: async () => {
      const { value } = (await iterator.next()) as { readonly value?: Uint8Array };
      return value;
    },
    cancel: async () => {
      stream.destroy();
      await onCancel?.();
    },
  };
}

/** The errors of a stream are thrown by its iterator. */
const ignore = (): void => undefined;

const names: Readonly<Record<string, Encoding | undefined>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
  // Node.js supports it from 22.15 on.
  ...(typeof zlib.createZstdDecompress === "function" ? { zstd: "zstd" } : {}),
};

/**
 * The encoding of a body without the header; `undefined` for a text.
 *
 * @param start - Its first two bytes or more.
 */
function encodingOf([first, second = 0]: Uint8Array): Encoding | undefined {
  if (first === 0x1f) return "gzip";
  if (first === 0x28 && second === 0xb5) return "zstd";
  return first === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(second) ? "deflate" : undefined;
}

/** First bytes of bodies that may be compressed: JSON and events do not begin with them. */
export const compressedStarts: ReadonlySet<number | undefined> = new Set([0x1f, 0x28, 0x78]);

/**
 * Decodes a body that is compressed although its headers do not say so.
 *
 * @param first - Its first packet, which has been read.
 * @returns the first decoded packet, which may be empty, and the packets after it
 */
export async function decompress(
  first: Uint8Array,
  packets: Packets,
): Promise<[first: Uint8Array, rest: Packets]> {
  const next = first.byteLength === 1 ? await packets.read() : undefined;
  const start = next ? Buffer.concat([first, next]) : first;
  const encoding = encodingOf(start);
  if (!encoding) return [start, packets];
  let isFirst = true;
  const read = async () => {
    if (!isFirst) return packets.read();
    isFirst = false;
    return start;
  };
  const rest = decoded({ read, cancel: () => packets.cancel() }, [encoding]);
  return [(await rest.read()) ?? noBytes, rest];
}
