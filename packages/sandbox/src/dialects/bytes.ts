import type { JsonObject } from "../wire/chat-request.ts";
import { DONE } from "../wire/stream.ts";
import type { Dialect, Piece } from "./dialect.ts";
import { rewriteAll } from "./rewrite.ts";

/** Data that is not a chunk, before each chunk. */
function interspersed(chunks: readonly JsonObject[], ...between: readonly string[]): Piece[] {
  return chunks.flatMap((chunk) => [...between, chunk]);
}

/** Forms of headers, compression and framing of a body. */
export const byteDialects: readonly Dialect[] = [
  { name: "gzip", description: "Compressed by gzip, unasked.", encoding: "gzip" },
  { name: "brotli", description: "Compressed by Brotli, unasked.", encoding: "br" },
  { name: "deflate", description: "Compressed by deflate, unasked.", encoding: "deflate" },
  {
    name: "deflate-raw",
    description: "Compressed by deflate without zlib's wrapping, unasked.",
    encoding: "deflate-raw",
  },
  { name: "zstd", description: "Compressed by Zstandard, unasked.", encoding: "zstd" },
  {
    name: "stream-as-json",
    description: "A stream that is labelled as JSON.",
    contentType: { stream: "application/json" },
  },
  {
    name: "stream-as-text",
    description: "Streams and JSON that are labelled as plain text.",
    contentType: { stream: "text/plain; charset=utf-8", body: "text/plain" },
  },
  {
    name: "stream-untyped",
    description: "Streams and JSON without a Content-Type.",
    contentType: { stream: "", body: "" },
  },
  {
    name: "json-as-stream",
    description: "JSON in one piece that is labelled as a stream, streamed or not.",
    contentType: { body: "text/event-stream" },
    chunks: (_chunks, { answer }) => [JSON.stringify(answer)],
    done: "",
  },
  {
    name: "crlf",
    description: "Lines that end in CRLF, after a byte order mark.",
    chunks: (chunks) => ["\uFEFF", ...chunks],
    event: (json) => `data: ${json}\r\n\r\n`,
    done: "data: [DONE]\r\n\r\n",
    body: (body) => `\uFEFF${JSON.stringify(body)}\r\n`,
  },
  {
    name: "data-lines",
    description: "JSON that is indented, over several data lines.",
    event: (json) =>
      `${JSON.stringify(JSON.parse(json), undefined, 2).replace(/^/gm, "data: ")}\n\n`,
    body: (body) => JSON.stringify(body, undefined, 2),
  },
  {
    name: "lines-only",
    description: "Events that no empty line separates.",
    event: (json) => `data: ${json}\n`,
    done: `\n${DONE}`,
  },
  {
    name: "named-events",
    description: "Events with names, ids and retry times.",
    chunks: (chunks) => ["retry: 3000\n\n", ...chunks],
    event: (json) => `event: message\nid: 1\ndata:${json}\n\n`,
    done: "event: done\ndata: [DONE] \n\n",
  },
  {
    name: "keep-alives",
    description: "Comments, pings, empty data and data: null between the chunks.",
    chunks: (chunks) =>
      interspersed(chunks, ": keep-alive\n\n", "data:\n\n", "data: null\n\n", "event: ping\n\n"),
    body: (body) => `\n\n  \n${JSON.stringify(body)}`,
  },
  {
    name: "no-done",
    description: "Streams that end without [DONE].",
    done: "",
  },
  {
    name: "empty-errors",
    description: "An empty error object in every good chunk.",
    ...rewriteAll((part) => ({ ...part, error: {} })),
  },
  {
    name: "blank-errors",
    description: "An error whose fields are all blank in every good chunk.",
    ...rewriteAll((part) => ({ ...part, error: { code: null, message: "", metadata: {} } })),
  },
];
