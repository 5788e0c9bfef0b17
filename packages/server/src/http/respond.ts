import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { errorBody, type ApiError } from "../errors/api-error.ts";

/** How much of a refused body is read and discarded, so that the client can read the answer. */
const maxDiscardedBytes = 64 * 2 ** 20;

/** Sends JSON in one piece. */
export function sendJson(
  outgoing: ServerResponse,
  body: string,
  { status = 200, headers }: { status?: number; headers?: OutgoingHttpHeaders | undefined } = {},
): void {
  outgoing.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...headers,
  });
  outgoing.end(body);
}

/** Sends an error, unless the client has left or has received part of an answer. */
export function sendError(outgoing: ServerResponse, error: ApiError): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  const { status, headers } = error.details;
  sendJson(outgoing, errorBody(error), { status, headers });
  if (!outgoing.req.complete) discard(outgoing.req);
}

/** Reads the rest of a client's request. Closes the connection if it does not end. */
function discard(incoming: IncomingMessage): void {
  let left = maxDiscardedBytes;
  incoming.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) incoming.destroy();
  });
}

/** Encodes a text from others for a header: it cannot end the header, and is valid. */
export function headerValue(text: string): string {
  return text.slice(0, 200).replaceAll(/[^\x20-\x7e]/g, "?");
}
