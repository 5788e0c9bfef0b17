import type { IncomingMessage } from "node:http";
import type { Refusal } from "../faults/refusal.ts";
import { isJsonObject, type JsonObject } from "../wire/chat-request.ts";

/** What is sent for a body that is too long, as OpenRouter words it. */
const tooLarge: Refusal = {
  status: 413,
  message: "Request payload too large",
  metadata: { error_type: "payload_too_large" },
};

/**
 * Reads a request's body. One that is longer than the limit is read to its end, since clients do not
 * look for an answer before, but is not kept.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | Refusal> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Events rather than an async iterator, which costs a promise a chunk.
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

/** A body as a JSON object; `undefined` when it is none. */
export function parseBody(body: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
