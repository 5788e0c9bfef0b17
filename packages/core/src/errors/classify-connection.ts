import type { ErrorKind } from "./error-kinds.ts";

/** Codes of Node's sockets, resolver and TLS, and of undici. */
const kindOfCode = new Map<string, ErrorKind>(
  Object.entries({
    ECONNREFUSED: "connection_error",
    ECONNRESET: "connection_error",
    ECONNABORTED: "connection_error",
    EPIPE: "connection_error",
    ENOTFOUND: "connection_error",
    EAI_AGAIN: "connection_error",
    EADDRNOTAVAIL: "connection_error",
    EHOSTDOWN: "connection_error",
    EHOSTUNREACH: "connection_error",
    ENETUNREACH: "connection_error",
    ENETDOWN: "connection_error",
    EPROTO: "connection_error",
    ERR_STREAM_PREMATURE_CLOSE: "connection_error",
    UND_ERR_SOCKET: "connection_error",
    UND_ERR_CLOSED: "connection_error",
    UND_ERR_PRX_CONN: "connection_error",
    UND_ERR_PRX_TLS: "connection_error",
    UND_ERR_DESTROYED: "connection_error",
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "connection_error",
    UND_ERR_HEADERS_OVERFLOW: "connection_error",
    ETIMEDOUT: "timeout_error",
    UND_ERR_CONNECT_TIMEOUT: "timeout_error",
    UND_ERR_HEADERS_TIMEOUT: "timeout_error",
    UND_ERR_BODY_TIMEOUT: "timeout_error",
  } as const),
);

const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
/** Codes for connections that were not established. */
const connectingCode =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_\w+)$/;
/** Problems of a server's certificate, which are checked first. */
const certificateCode = /^(ERR_TLS_CERT_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
const parserCode = /^HPE_/;
/** A proxy refused the connection. undici gives this error the name and the code of an abort. */
const refusalOfProxy = /^Proxy response \((\d+)\)/;

/** Whether an error is from undici's parser, which does not always set its code. */
function isParserError(code: unknown, name: unknown): boolean {
  return (typeof code === "string" && parserCode.test(code)) || name === "HTTPParserError";
}

/** Kind of an error that has a system's or undici's code; `undefined` if it has no known code. */
export function classifyConnection(error: object): ErrorKind | undefined {
  const { code, name } = error as Readonly<Record<string, unknown>>;
  if (isParserError(code, name) || statusOfProxy(error)) return "connection_error";
  if (typeof code !== "string") return undefined;
  if (tlsCode.test(code)) return "connection_error";
  return kindOfCode.get(code);
}

/** The HTTP status with which a proxy refused the connection. */
function statusOfProxy(error: unknown): string | undefined {
  const { code, message } = Object(error) as Readonly<Record<string, unknown>>;
  return code === "UND_ERR_ABORTED" ? refusalOfProxy.exec(String(message))?.[1] : undefined;
}

/** Whether an error of a system or of undici means that no connection was established. */
export function isOfConnecting(error: unknown): boolean {
  const { code, syscall } = Object(error) as Readonly<Record<string, unknown>>;
  if (syscall === "connect" || syscall === "getaddrinfo" || statusOfProxy(error)) return true;
  return typeof code === "string" && (connectingCode.test(code) || certificateCode.test(code));
}

/** The problem of the bytes of an answer, from the messages of undici and Node.js. */
const reasons: readonly (readonly [words: RegExp, reason: string])[] = [
  [
    /^(other side closed|socket hang up|aborted)$/,
    "The server closed the connection before its answer ended",
  ],
  [/^bad response$/, "The server sent 100 Continue, which was not requested"],
  [/^bad upgrade$/, "The server switched to another protocol and did not answer"],
  [
    /^Response body length does not match content-length header$/,
    "The answer does not have the length of its Content-Length header",
  ],
  [/Headers? overflow/i, "The headers of the answer are too large"],
  [/Content-Length/i, "The Content-Length header of the answer cannot be read"],
  [/Expected HTTP\//, "The server does not speak HTTP"],
  [/header/i, "A header of the answer cannot be read"],
  [/chunk/i, "The chunks of the answer cannot be read"],
];

/** The problem of a connection, in plain words; `undefined` for an error whose message already contains it. */
export function plainReason(error: unknown): string | undefined {
  const { code, name, message } = Object(error) as Readonly<Record<string, unknown>>;
  const isOfParser = isParserError(code, name);
  if (!isOfParser && !/^(UND_ERR_|ECONNRESET$)/.test(String(code))) return undefined;
  const status = statusOfProxy(error);
  if (status !== undefined) return `The proxy refused the connection with HTTP ${status}`;
  const reason = reasons.find(([words]) => words.test(String(message)))?.[1];
  return reason ?? (isOfParser ? "The answer is not HTTP" : undefined);
}
