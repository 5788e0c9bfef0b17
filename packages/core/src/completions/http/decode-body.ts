import { pipeline, Readable } from "node:stream";
import zlib from "node:zlib";
import { BodyDecoder, noBytes, type Encoding } from "./body-decoder.ts";
import type { Packets } from "./http.ts";
import { invalid } from "../invalid-answer.ts";

/** Each takes memory of its own. */
const maxEncodings = 4;

/** No encoding, as it should be called, and what servers write who take it for the charset. */
const unencoded = new Set(["", "identity", "none", "utf-8", "utf8", "us-ascii", "iso-8859-1"]);

/**
 * Undoes a `Content-Encoding`, which proxies apply unasked. A body that ends within its compressed
 * data gives what could be read: whether the answer is complete is for its reader to judge. One that is
 * not encoded, in spite of its label, is passed on.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9110#section-8.4
 *
 * @throws {ModelError} for an encoding that is not known
 */
export function decodeBody(body: Readable, contentEncoding: string): Readable {
  let decoded = body;
  const given = contentEncoding.toLowerCase().split(",");
  if (given.length > maxEncodings) {
    body.on("error", ignore).destroy();
    throw invalid(`The answer is encoded ${given.length} times over`, "malformed");
  }
  // The encodings are in the order in which they were applied.
  for (const label of given.toReversed()) {
    const name = label.trim();
    if (unencoded.has(name)) continue;
    const encoding = names[name];
    if (!encoding) {
      // A destroyed body emits an error, which has no meaning.
      body.on("error", ignore).destroy();
      throw invalid(`The answer has an unknown Content-Encoding: ${name}`, "malformed");
    }
    decoded = pipeline(decoded, new BodyDecoder(encoding), ignore);
  }
  return decoded;
}

/** The last stream of a pipeline has the error too, and its reader throws it. */
const ignore = (): void => undefined;

const names: Readonly<Record<string, Encoding | undefined>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
  // Node has it from 22.15 on.
  ...(typeof zlib.createZstdDecompress === "function" ? { zstd: "zstd" } : {}),
};

/** The encoding of a body that has no label; `undefined` for a text. */
function encodingOf([first, second = 0]: Uint8Array): Encoding | undefined {
  if (first === 0x1f) return "gzip";
  if (first === 0x28 && second === 0xb5) return "zstd";
  return first === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(second) ? "deflate" : undefined;
}

/** First bytes of bodies that may be compressed: none of these begins JSON or an event. */
export const compressedStarts: ReadonlySet<number | undefined> = new Set([0x1f, 0x28, 0x78]);

/**
 * Decodes a body that is compressed though its headers do not say so.
 *
 * @param first - Its first packet, which has been read.
 * @returns the first packet that is decoded, perhaps an empty one, and those behind it
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
