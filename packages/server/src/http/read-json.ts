import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { keepMessages } from "@orchestra/core/extend";
import { invalidRequest, type ApiError } from "../errors/api-error.ts";

/** Clients do not send deeper documents, which would exceed the stack when they are serialized again. */
const maxDepth = 200;

/** Size in bytes from which a body is passed on without serializing it, and after which other requests can run. */
const largeBody = 2 ** 16;

const byteOrderMark = Buffer.from("\u{FEFF}");

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads the body of a request as a JSON object.
 *
 * @throws {ApiError} for a body that is too large, is not JSON, or is incomplete
 */
export async function readJson(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  maxBytes: number,
): Promise<JsonObject> {
  const json = withoutMark(await readBytes(incoming, outgoing, maxBytes));
  const value = parse(textOf(json));
  if (json.length > largeBody) {
    keepMessages(value, json);
    await setImmediate();
  }
  return value;
}

async function readBytes(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  maxBytes: number,
): Promise<Buffer> {
  const { "content-type": type, "content-encoding": encoding, expect } = incoming.headers;
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type ?? "")) {
    throw invalidRequest(
      "The body's content-type is not application/json. Send the request as JSON.",
      { status: 415, code: "unsupported_media_type" },
    );
  }
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw invalidRequest("The body is compressed (content-encoding). Send it as it is.", {
      status: 415,
      code: "unsupported_media_type",
    });
  }
  if (Number(incoming.headers["content-length"]) > maxBytes) throw tooLarge(maxBytes);
  if (expect !== undefined) outgoing.writeContinue();
  return readBody(incoming, maxBytes);
}

/** Some clients begin with a byte order mark, which `JSON.parse()` refuses. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;
}

/** @throws {ApiError} for bytes of another encoding: characters of the client's text would be replaced */
function textOf(bytes: Buffer): string {
  const text = bytes.toString();
  if (text.includes("\u{FFFD}") && !isUtf8(bytes)) {
    throw notJson(": it is not in UTF-8. Send it in UTF-8");
  }
  return text;
}

/** With events, because an async iterator costs a promise for each chunk. */
function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes <= maxBytes) return;
    incoming.off("data", onData);
    reject(tooLarge(maxBytes));
  };
  const onCut = () => {
    if (incoming.complete) return;
    reject(invalidRequest("The body is not complete.", { code: "incomplete_body" }));
  };
  incoming
    .on("data", onData)
    .once("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    .once("error", onCut)
    .once("close", onCut);
  return promise;
}

function tooLarge(maxBytes: number): ApiError {
  return invalidRequest(
    `The body has more than ${maxBytes} bytes, the maximum of the server. Send a smaller one, or raise ORCHESTRA_SERVER_MAX_BODY_BYTES.`,
    { status: 413, code: "request_too_large" },
  );
}

function parse(text: string): JsonObject {
  const value = parseText(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidRequest("The body is not a JSON object: expected {…}.");
  }
  if (isDeeper(value, maxDepth)) {
    throw invalidRequest(`The body is nested more than ${maxDepth} levels deep.`);
  }
  return value as JsonObject;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes the body, which may contain a secret.
    const [, at] = /at position (\d+)/.exec(String(error)) ?? [];
    const place = at === undefined ? "" : ` (at character ${Number(at) + 1})`;
    // oxlint-disable-next-line preserve-caught-error -- see above
    throw notJson(text.trim() === "" ? ": it is empty" : place);
  }
}

function notJson(why: string): ApiError {
  return invalidRequest(`The body is not valid JSON${why}.`, { code: "invalid_json" });
}

function isDeeper(value: object, depth: number): boolean {
  if (depth === 0) return true;
  for (const inner of Object.values(value) as readonly unknown[]) {
    if (typeof inner === "object" && inner !== null && isDeeper(inner, depth - 1)) return true;
  }
  return false;
}
