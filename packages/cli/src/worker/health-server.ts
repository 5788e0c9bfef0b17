import { once } from "node:events";
import { createServer } from "node:http";

export interface HealthAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Starts a server for HTTP probes, until it is disposed of. `/live` returns 200. `/ready` returns 200 while the
 * worker takes runs, else 503. The body of both is the report, as JSON. Any other path returns 404.
 *
 * @throws {Error} if the port cannot be used
 */
export async function startHealthServer(
  { host, port }: HealthAddress,
  report: () => { readonly state: string },
): Promise<AsyncDisposable> {
  const server = createServer((request, response) => {
    const [path] = (request.url ?? "/").split("?");
    const isKnown = path === "/live" || path === "/ready";
    const current = report();
    const isWell = path === "/live" || current.state === "working";
    response.writeHead(isKnown ? (isWell ? 200 : 503) : 404, {
      "content-type": "application/json",
      connection: "close",
    });
    response.end(JSON.stringify(isKnown ? current : { error: "expected /live or /ready" }));
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new Error(
      `The port for probes cannot be used (--health-port ${port}): ${(error as Error).message}. Choose another one.`,
      { cause: error },
    );
  }
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
