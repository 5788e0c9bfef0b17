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
    UND_ERR_DESTROYED: "connection_error",
    ETIMEDOUT: "timeout_error",
    UND_ERR_CONNECT_TIMEOUT: "timeout_error",
    UND_ERR_HEADERS_TIMEOUT: "timeout_error",
    UND_ERR_BODY_TIMEOUT: "timeout_error",
  } as const),
);

const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
const parserCode = /^HPE_/;

/** Kind of an error that has a system's or undici's code; `undefined` if it has none that we know. */
export function classifyConnection(code: unknown): ErrorKind | undefined {
  if (typeof code !== "string") return undefined;
  if (tlsCode.test(code) || parserCode.test(code)) return "connection_error";
  return kindOfCode.get(code);
}
