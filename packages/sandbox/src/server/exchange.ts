import type { IncomingMessage, ServerResponse } from "node:http";
import type { OpenEntry } from "../books/books.ts";
import { delay, settled } from "../delay.ts";
import type { Fault, FaultName, SlowFault } from "../faults/fault.ts";
import type { Refusal } from "../faults/refusal.ts";
import type { JsonObject } from "../wire/chat-request.ts";
import { apiKeyOf, checkApiKey } from "./api-key.ts";
import type { ServerContext } from "./context.ts";
import type { Decision } from "./decide.ts";
import { openEntry, recordBody } from "./entry.ts";
import { parseBody, readBody } from "./read-body.ts";
import { sendRefusal } from "./respond.ts";
import type { Route } from "./route.ts";

/** One request to a model while the server handles it. */
export interface Exchange {
  readonly context: ServerContext;
  readonly route: Route;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: OpenEntry;
  /** Aborts when the connection has ended, on either side. */
  readonly signal: AbortSignal;
}

/** The faults by which the server itself breaks the connection. */
const BREAKING: ReadonlySet<FaultName | undefined> = new Set<FaultName>(["cut", "reset"]);

/** Begins the entry of a request in the books. */
export function openExchange(
  context: ServerContext,
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
): Exchange {
  const { books, ids, options } = context;
  const key = apiKeyOf(request);
  const entry = books.open(
    openEntry(route.name, ids.generation(), key, request.headers, options.now()),
  );
  const gone = new AbortController();
  response.on("close", () => {
    entry.aborted = !response.writableFinished && !BREAKING.has(entry.fault);
    entry.endedAt = options.now();
    if (!options.keepBodies) entry.body = {};
    gone.abort();
    options.onRequest(entry);
  });
  return { context, route, request, response, entry, signal: gone.signal };
}

/** Reads the body of a request, or returns the reason why it is refused. */
export async function readExchange({
  context,
  route,
  request,
  entry,
}: Exchange): Promise<{ readonly body: JsonObject } | { readonly refusal: Refusal }> {
  const { keys, maxBodyBytes } = context.options;
  // The gateway stores its providers' keys itself.
  const requireKey = context.options.requireKey && route.name === "openrouter";
  const content = await readBody(request, maxBodyBytes);
  if (!Buffer.isBuffer(content)) return { refusal: content };
  const body = parseBody(content);
  if (body !== undefined) recordBody(entry, body);
  const unauthorized = requireKey ? checkApiKey(apiKeyOf(request), keys) : undefined;
  if (unauthorized !== undefined) return { refusal: unauthorized };
  if (body !== undefined) return { body };
  return { refusal: { status: 400, message: "Invalid JSON in the request body" } };
}

/** Applies a fault that delays or prevents the answer. @returns whether there will be no answer */
export async function applyConnectionFault(
  { request, signal }: Exchange,
  fault: Fault | undefined,
): Promise<boolean> {
  if (fault?.fault === "hang") return true;
  if (fault?.fault === "reset") {
    request.socket.resetAndDestroy();
    return true;
  }
  if (fault?.fault === "slow") await pause(fault, signal);
  return signal.aborted;
}

function pause({ delayMs = 2_000, until }: SlowFault, signal: AbortSignal): Promise<void> {
  return until === undefined ? delay(delayMs, signal) : settled(until, signal);
}

/** Answers with an error. */
export function refuseExchange(exchange: Exchange, refusal?: Refusal, decision?: Decision): void {
  const { status, ...rest } = refusal ?? { status: 500, message: "Internal Server Error" };
  exchange.entry.status = status;
  sendRefusal(exchange.response, { status, ...rest }, answerHeaders(exchange, decision));
}

/** Headers of every answer. */
export function answerHeaders(
  { route, entry }: Exchange,
  decision?: Decision,
): Record<string, string> {
  const routed = decision?.candidate && route.headers(decision.candidate, decision.index);
  return { "X-Generation-Id": entry.id, ...routed };
}
