import { quoted } from "@orchestra/core/extend";

/** The failure of a server that is reached over HTTP, and how to correct it. */
export function httpProblem(error: unknown, url: URL): string {
  const address = `${url.origin}${url.pathname}`;
  const { code } = (error ?? {}) as { readonly code?: unknown };
  if (typeof code === "number" && code > 0) return statusProblem(code, address, messageOf(error));
  const system = systemCode(error);
  if (system === "ECONNREFUSED") {
    return `${address} refuses connections (ECONNREFUSED): start the server, or correct url`;
  }
  if (system !== undefined) return `${address} cannot be reached (${system}): check url`;
  return `${address}: ${messageOf(error)}`;
}

function statusProblem(status: number, address: string, message: string): string {
  const prefix = `${address} answers with status ${status}`;
  if (/redirect/i.test(message)) return `${prefix}: ${message}`;
  if (status === 401 || status === 403) return `${prefix}: set headers.Authorization`;
  if (status === 404 || status === 405) return `${prefix}: check the path of url, such as /mcp`;
  return `${prefix}: ${message}`;
}

/** The code of the system's error that caused a failed fetch, such as `ECONNREFUSED`. */
function systemCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; depth < 5 && cause; depth += 1) {
    const { code, cause: next } = cause as { readonly code?: unknown; readonly cause?: unknown };
    if (typeof code === "string") return code;
    cause = next;
  }
  return undefined;
}

/** The SDK's prefix of a server's text. */
const prefixes = /^(Streamable HTTP error: |SSE error: |Error POSTing to endpoint[^:]*: )+/;

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The reason of a failed fetch is in its cause.
  const { message, cause } = error;
  if (error instanceof TypeError && cause instanceof Error) return `${message}: ${cause.message}`;
  const contentType = /Unexpected content type: (.*)/.exec(message)?.[1];
  return contentType === undefined
    ? message.replace(prefixes, "")
    : `answers with ${quoted(contentType)}, which is not MCP: check the path, such as /mcp`;
}
