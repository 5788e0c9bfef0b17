import type { IncomingMessage, ServerResponse } from "node:http";
import { invalidRequest } from "../errors/api-error.ts";

const maxAgeSeconds = 600;

/**
 * Creates the check of `Origin` headers, which browsers send: only pages of the server itself and of the
 * allowed origins may call it.
 */
export function originCheck(
  allowedOrigins: readonly string[],
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const allowed = new Set(allowedOrigins);
  return ({ headers }, outgoing) => {
    const { origin, host } = headers;
    // Also without an origin: a cache would give that answer to a page, without the headers for it.
    if (allowed.size > 0) outgoing.setHeader("vary", "origin");
    if (origin === undefined || origin === `http://${host}`) return;
    if (!allowed.has(origin)) {
      throw invalidRequest(
        "The request comes from a web page of another origin. Add the page's origin to ORCHESTRA_SERVER_ALLOWED_ORIGINS.",
        { status: 403, code: "origin_not_allowed" },
      );
    }
    outgoing.setHeader("access-control-allow-origin", origin);
    outgoing.setHeader("access-control-expose-headers", "*");
  };
}

/** Whether the request is a browser's preflight request. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

/** Answers a preflight request of a page whose origin is allowed. */
export function answerPreflight({ headers }: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(204, {
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-allow-headers": headers["access-control-request-headers"] ?? "*",
    "access-control-max-age": String(maxAgeSeconds),
  });
  outgoing.end();
}
