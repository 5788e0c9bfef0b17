import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
  /** Resolves when the connection of this request is closed. */
  readonly closed: Promise<unknown>;
}

/** A server on loopback with scripted answers, which records requests and is closed by `await using`. */
export async function serve(answer: (response: ServerResponse) => void) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await readJson(request);
      const closed = new Promise<unknown>((resolve) => {
        request.socket.once("close", resolve);
      });
      received.push({ path: request.url, headers: request.headers, body, closed });
      answer(response);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/v1`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = "";
  for await (const piece of request) text += String(piece);
  return JSON.parse(text || "{}") as Readonly<Record<string, unknown>>;
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** Sends events unchanged, objects as JSON. The connection stays open until one side ends it. */
export function sendEvents(
  response: ServerResponse,
  events: readonly (object | string)[],
  headers: Record<string, string> = {},
): ServerResponse {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", ...headers });
  for (const event of events) {
    response.write(typeof event === "string" ? event : `data: ${JSON.stringify(event)}\n\n`);
  }
  return response;
}
