import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { errorBody, invalidRequest } from "../errors/api-error.ts";

interface Problem {
  readonly status: number;
  /** The text after the status in an HTTP response. */
  readonly reasonPhrase: string;
  readonly message: string;
}

const problems: Readonly<Record<string, Problem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reasonPhrase: "Request Timeout",
    message:
      "The request was not complete in time. Send it faster, or raise ORCHESTRA_SERVER_REQUEST_TIMEOUT.",
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reasonPhrase: "Request Header Fields Too Large",
    message: "The headers have more than 16384 bytes. Send fewer or shorter ones.",
  },
};

const badRequest: Problem = {
  status: 400,
  reasonPhrase: "Bad Request",
  message: "The request is not valid HTTP/1.1.",
};

/**
 * Answers data that is not a request, or not complete in time, and closes the connection. Where the request before it
 * still waits for its answer, the connection closes after that answer: this one would be taken for it.
 */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  // As in Node.js: if a part of an answer was sent, this would be read as more of it.
  const answering = (socket as { _httpMessage?: ServerResponse })._httpMessage;
  if (error.code === "ECONNRESET" || !socket.writable || answering?.headersSent) {
    socket.destroy();
    return;
  }
  if (answering?.req.complete) {
    answering.shouldKeepAlive = false;
    return;
  }
  const { status, reasonPhrase, message } = problems[error.code ?? ""] ?? badRequest;
  const body = errorBody(invalidRequest(message, { status, code: "invalid_http_request" }));
  const head = [
    `HTTP/1.1 ${status} ${reasonPhrase}`,
    "connection: close",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
