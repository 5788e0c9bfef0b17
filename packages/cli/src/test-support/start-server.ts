import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on loopback whose answers a test defines. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** Method and path of every request. */
  readonly requests: readonly string[];
}

export async function startServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    handle(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Answers each path with its document as JSON, and other paths with 404. */
export function json(
  documents: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const found = documents[request.url ?? ""];
    response.writeHead(found === undefined ? 404 : 200, {
      "content-type": "application/json",
      ...headers,
    });
    response.end(JSON.stringify(found ?? { error: { code: 404, message: "Not found" } }));
  };
}
