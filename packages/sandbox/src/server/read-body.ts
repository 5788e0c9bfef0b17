import type { IncomingMessage } from "node:http";
import type { Refusal } from "../faults/refusal.ts";
import { isJsonObject, type JsonObject } from "../wire/chat-request.ts";

/** The error for a body that is too long, in OpenRouter's words. */
const tooLarge: Refusal = {
  status: 413,
  message: "Request payload too large",
  metadata: { error_type: "payload_too_large" },
};

/**
 * Reads a request's body. If it is longer than the limit, it is read to its end but not kept, because clients
 * do not read an answer earlier.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | Refusal> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Events instead of an async iterator, which costs a promise for each chunk.
  await new Promise<void>((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on("end", resolve);
    request.on("error", reject);
  });
  return bytes <= maxBytes ? Buffer.concat(chunks) : tooLarge;
}

/** A body as a JSON object; `undefined` if it is not one. */
export function parseBody(body: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
