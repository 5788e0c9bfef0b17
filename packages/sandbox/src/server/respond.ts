import type { ServerResponse } from "node:http";
import { refusalBody, type Refusal } from "../faults/refusal.ts";

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Answers with an error, in OpenRouter's envelope. */
export function sendRefusal(
  response: ServerResponse,
  refusal: Refusal,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = refusal.body ?? refusalBody(refusal);
  sendJson(response, refusal.status, body, { ...headers, ...refusal.headers });
}
