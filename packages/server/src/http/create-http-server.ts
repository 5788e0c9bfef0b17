import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { invalidRequest } from "../errors/api-error.ts";
import { answerBrokenRequest } from "./answer-broken-request.ts";
import { sendError } from "./respond.ts";

/** How long a connection is kept open for the next request. */
const idleConnectionMs = 72_000;
/** How often connections are checked for requests that exceed their time. */
const connectionCheckMs = 1000;
/** Maximum time that a client may take to send its headers. */
const maxHeadersMs = 10_000;

/**
 * Creates a server of Node.js with time limits for requests. It answers requests that are not valid HTTP.
 *
 * @param requestTimeoutMs - Maximum time that a client may take to send its request.
 * @param handle - Answers the valid requests.
 */
export function createHttpServer(
  requestTimeoutMs: number,
  handle: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(requestTimeoutMs, maxHeadersMs),
      connectionsCheckingInterval: Math.min(connectionCheckMs, requestTimeoutMs),
      keepAliveTimeout: idleConnectionMs,
      // Otherwise a second Host, Authorization or Content-Type would be ignored here, and be read by others, such as a proxy.
      joinDuplicateHeaders: true,
      // Such a request gets an error in this server's form.
      requireHostHeader: false,
    },
    handle,
  );
  // The client is not asked to send a body that is refused.
  server.on("checkContinue", handle);
  server.on("checkExpectation", refuseExpectation);
  server.on("clientError", answerBrokenRequest);
  return server;
}

function refuseExpectation(_: IncomingMessage, outgoing: ServerResponse): void {
  const message = "The header Expect is not known: expected 100-continue, or no such header.";
  sendError(outgoing, invalidRequest(message, { status: 417, code: "expectation_failed" }));
}
