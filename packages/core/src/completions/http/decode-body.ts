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
 * @throws {ModelError} for an unknown encoding
 */
export function decodeBody(body: Readable, contentEncoding: string): Readable {
  let decoded = body;
  const given = contentEncoding.toLowerCase().split(",");
  if (given.length > maxEncodings) {
    body.on("error", ignore).destroy();
    throw invalid(`The answer is encoded ${given.length} times over`, "malformed");
  }
  // The header lists the encodings in the order in which they were applied.
  for (const label of given.toReversed()) {
    const name = label.trim();
    if (unencoded.has(name)) continue;
    const encoding = names[name];
    if (!encoding) {
      // A destroyed body emits an error, which is ignored.
      body.on("error", ignore).destroy();
      throw invalid(`The answer has an unknown Content-Encoding: ${name}`, "malformed");
    }
    decoded = pipeline(decoded, new BodyDecoder(encoding), ignore);
  }
  return decoded;
}

/** The last stream of a pipeline emits the error too, and its reader throws it. */
const ignore = (): void => undefined;

const names: Readonly<Record<string, Encoding | undefined>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
  // Node.js supports it from 22.15 on.
  ...(typeof zlib.createZstdDecompress === "function" ? { zstd: "zstd" } : {}),
};

/** The encoding of a body without the header; `undefined` for a text. */
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
  const read = async function* () {
    yield first;
    for (let next = await packets.read(); next; next = await packets.read()) yield next;
  };
  const decoded = decodeBody(Readable.from(read()), encodingOf(first) ?? "");
  const iterator = decoded.iterator({ destroyOnReturn: false });
  const rest: Packets = {
    read: async () => {
      const { value } = (await iterator.next()) as { readonly value?: Uint8Array };
      return value;
    },
    cancel: async () => {
      decoded.destroy();
      await packets.cancel();
    },
  };
  return [(await rest.read()) ?? noBytes, rest];
}
