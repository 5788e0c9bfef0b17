import type { ServerResponse } from "node:http";
import { sendEvents, sendJson, serve } from "../../completions/__fixtures__/loopback.ts";
import { Orchestra } from "../../orchestra.ts";
import type { OrchestraOptions } from "../../gateway/orchestra-options.ts";
import type { CallRecord, OrchestraEvent } from "../../usage/index.ts";

/** How the server answers one request. */
export type Reply = (response: ServerResponse) => void;

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/**
 * An orchestra on a server that answers its requests for completions with the given replies, and all later
 * ones with the last reply. The server supports nothing else, neither a catalog nor generations.
 */
export async function startCompletions(replies: readonly Reply[], options: OrchestraOptions = {}) {
  let place = 0;
  const server = await serve((response) => {
    if (response.req.method !== "POST") return status(404, "not found")(response);
    const reply = replies[Math.min(place, replies.length - 1)];
    place += 1;
    reply?.(response);
  });
  const events: OrchestraEvent[] = [];
  const records: CallRecord[] = [];
  const orchestra = new Orchestra({
    logger: silent,
    onEvent: (event) => events.push(event),
    onCall: (record) => records.push(record),
    ...options,
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: server.url,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
      LLM_RETRY_DELAY: "0.001",
      LLM_RETRY_MAX_DELAY: "0.002",
      LLM_REQUEST_TIMEOUT: "30",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      ...options.environment,
    },
  });
  const { url } = server;
  const received = () => server.received.filter(({ path }) => path?.endsWith("/chat/completions"));
  const bodies = () => received().map(({ body }) => body);
  const close = () => server[Symbol.asyncDispose]();
  return { url, orchestra, events, records, received, bodies, [Symbol.asyncDispose]: close };
}

export const json =
  (body: unknown): Reply =>
  (response) =>
    sendJson(response, body);

/** A document, sent unchanged. */
export const text =
  (body: string): Reply =>
  (response) =>
    void response.writeHead(200, { "content-type": "application/json" }).end(body);

export const status =
  (code: number, message: string): Reply =>
  (response) =>
    sendJson(response, { error: { code, message } }, code);

export const stream =
  (chunks: readonly (object | string)[]): Reply =>
  (response) =>
    void sendEvents(response, chunks).end();
