import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { chunksOf } from "./openai-chunks.ts";
import { completion, type Json, type WireCompletion } from "./openai-completion.ts";

/** The server's answer to a request for a completion. */
export type Answer = WireCompletion | Failure | "late";

export interface Failure {
  readonly status: number;
  /** The `error` object of the body. */
  readonly error: Json;
}

export interface WireRequest {
  /** Path and query. */
  readonly path: string;
  /** Headers whose names start with `x-test-`. */
  readonly headers: Json;
  readonly body: Json;
}

export interface OpenAIServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly WireRequest[];
  /** Largest number of requests that were open at the same time. */
  readonly maxOpen: () => number;
  /** Resolves when the first request has arrived. */
  readonly arrived: Promise<unknown>;
}

/** Milliseconds after which `"late"` is answered, long after a test has aborted the request. */
const lateMs = 750;

/**
 * An OpenAI-compatible server on loopback. It streams its answer if the request has `stream`,
 * lists no models, and closes at the end of an `await using`.
 */
export async function startOpenAIServer(
  answer: (body: Json, place: number) => Answer = () => completion(),
): Promise<OpenAIServer> {
  const requests: WireRequest[] = [];
  const arrived = Promise.withResolvers<void>();
  let [open, maxOpen] = [0, 0];
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method !== "POST") return sendJson(response, 404, { error: { message: "none" } });
      maxOpen = Math.max(maxOpen, (open += 1));
      response.once("close", () => (open -= 1));
      const body = await readJson(request);
      const headers = Object.entries(request.headers).filter(([name]) => name.startsWith("x-test-"));
      requests.push({ path: request.url ?? "", headers: Object.fromEntries(headers), body });
      arrived.resolve();
      const chosen = answer(body, requests.length - 1);
      if (chosen !== "late") return send(response, body, chosen);
      timers.add(setTimeout(() => send(response, body, completion()), lateMs));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/v1`,
    requests,
    maxOpen: () => maxOpen,
    arrived: arrived.promise,
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function send(response: ServerResponse, body: Json, answer: Exclude<Answer, "late">): void {
  if (isFailure(answer)) return sendJson(response, answer.status, { error: answer.error });
  if (body["stream"] !== true) return sendJson(response, 200, answer);
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  const { include_usage } = (body["stream_options"] ?? {}) as { include_usage?: boolean };
  for (const chunk of chunksOf(answer, include_usage === true)) {
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  }
  response.end("data: [DONE]\n\n");
}

function isFailure(answer: Exclude<Answer, "late">): answer is Failure {
  return "status" in answer;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<Json> {
  let text = "";
  for await (const piece of request) text += String(piece);
  return JSON.parse(text) as Json;
}
