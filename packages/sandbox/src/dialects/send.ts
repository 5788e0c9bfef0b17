import type { ServerResponse } from "node:http";
import { delay } from "../delay.ts";
import { refusalBody, type Refusal } from "../faults/refusal.ts";
import type { ResolvedSandboxOptions } from "../options.ts";
import type { JsonObject } from "../wire/chat-request.ts";
import { completionBody } from "../wire/completion.ts";
import type { Generation } from "../wire/generation.ts";
import { DONE, streamChunks } from "../wire/stream.ts";
import type { Body, Chunk, Dialect, DialectContext, DialectRequest, Piece } from "./dialect.ts";
import { contentEncoding, createEncoder, encode } from "./encode.ts";

/** An answer to send, and its response. */
export interface DialectAnswer {
  readonly dialect: Dialect;
  readonly request: DialectRequest;
  readonly generation: Generation;
  readonly response: ServerResponse;
  readonly headers: Readonly<Record<string, string>>;
  readonly latency: ResolvedSandboxOptions["latency"];
  readonly signal: AbortSignal;
}

/** Sends a streamed answer in its dialect. */
export async function sendDialectStream(answer: DialectAnswer): Promise<void> {
  const { dialect, response, latency, signal } = answer;
  const { contentType, encoding, done = DONE } = dialect;
  response.writeHead(200, headersOf(answer, contentType?.stream ?? "text/event-stream"));
  const encoder = encoding && createEncoder(encoding);
  encoder?.pipe(response);
  const write = (text: string) => {
    (encoder ?? response).write(text);
    encoder?.flush();
  };
  await delay(latency.firstTokenMs, signal);
  for (const piece of piecesOf(answer)) {
    if (typeof piece === "number") await delay(piece, signal);
    else write(typeof piece === "string" ? piece : eventOf(piece, dialect));
    if (typeof piece === "object") await delay(latency.betweenTokensMs, signal);
    if (signal.aborted) return;
  }
  (encoder ?? response).end(done);
}

/** Sends a whole answer in its dialect. */
export function sendDialectBody(answer: DialectAnswer): void {
  const { dialect, response } = answer;
  const context = contextOf(answer);
  const written = dialect.body?.(context.answer, context) ?? context.answer;
  const text = typeof written === "string" ? written : JSON.stringify(written);
  const bytes = dialect.encoding ? encode(text, dialect.encoding) : Buffer.from(text);
  response.writeHead(200, {
    ...headersOf(answer, dialect.contentType?.body ?? "application/json"),
    "Content-Length": bytes.byteLength,
  });
  response.end(bytes);
}

/** Sends an error in its dialect. */
export function sendDialectRefusal(
  dialect: Dialect,
  refusal: Refusal,
  response: ServerResponse,
): void {
  const body = refusal.body ?? refusalBody(refusal);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const { encoding } = dialect;
  const bytes = encoding ? encode(text, encoding) : Buffer.from(text);
  response.writeHead(refusal.status, {
    "Content-Type": dialect.contentType?.body ?? "application/json",
    "Content-Length": bytes.byteLength,
    ...(encoding && { "Content-Encoding": contentEncoding(encoding) }),
    ...refusal.headers,
  });
  response.end(bytes);
}

function contextOf({ request, generation }: DialectAnswer): DialectContext {
  return { ...request, answer: completionBody(generation) as JsonObject as Body };
}

function piecesOf(answer: DialectAnswer): readonly Piece[] {
  const { dialect, generation, latency } = answer;
  const context = contextOf(answer);
  const { includeUsage } = context.request;
  const { opening, content, finish, usage } = streamChunks(
    generation,
    latency.chunkCharacters,
    includeUsage,
  );
  const chunks = [...opening, ...content, finish, ...(usage === undefined ? [] : [usage])];
  return dialect.chunks?.(chunks as Chunk[], context) ?? (chunks as Chunk[]);
}

function eventOf(chunk: object, { event }: Dialect): string {
  const json = JSON.stringify(chunk);
  return event?.(json) ?? `data: ${json}\n\n`;
}

function headersOf({ dialect, headers }: DialectAnswer, contentType: string) {
  const { encoding, isLabelled = true } = dialect;
  return {
    ...(contentType !== "" && { "Content-Type": contentType }),
    ...(encoding && isLabelled && { "Content-Encoding": contentEncoding(encoding) }),
    ...headers,
    ...dialect.headers,
  };
}
