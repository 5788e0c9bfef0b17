import { createServer, type Server } from "node:http";
import { createAccount } from "./account/account.ts";
import { createBooks, type Books } from "./books/books.ts";
import { answerByExtraction } from "./extractive/answer.ts";
import { createFaultDesk } from "./faults/fault-desk.ts";
import type { ScriptedFault } from "./faults/fault.ts";
import { resolveSandboxOptions, type SandboxOptions } from "./options.ts";
import type { Engine, ServerContext } from "./server/context.ts";
import { createIds, type Ids } from "./server/ids.ts";
import { sendRefusal } from "./server/respond.ts";
import { route } from "./server/router.ts";

/** A running sandbox: OpenRouter on loopback. `await using` closes it. */
export interface Sandbox extends AsyncDisposable {
  /** OpenRouter's base URL, `http://127.0.0.1:<port>/api/v1`. */
  readonly url: string;
  /** The stand-in for a Portkey gateway, `http://127.0.0.1:<port>/v1`. */
  readonly gatewayUrl: string;
  readonly port: number;
  readonly books: Books;
  /** Orders faults, after those already ordered. */
  order(...faults: readonly ScriptedFault[]): void;
  /** Forgets all faults ordered, the ones of the options too. */
  clear(): void;
  /** Back to the start: the faults of the options, empty books, no request counted, the seed's first ids. */
  reset(): void;
  /** Closes the server and every connection. */
  close(): Promise<void>;
}

/**
 * Starts a sandbox.
 *
 * @throws when the port is taken.
 */
export async function startSandbox(options?: SandboxOptions): Promise<Sandbox> {
  const resolved = resolveSandboxOptions(options);
  const ids = createIds(resolved.seed);
  const context: ServerContext = {
    options: resolved,
    account: createAccount(resolved.limits),
    desk: createFaultDesk(resolved.seed),
    books: createBooks(),
    ids,
    engine: createEngine(ids),
  };
  const { account, books, desk } = context;
  desk.order(...resolved.faults);

  const server = createServer((request, response) => {
    response.on("error", () => {});
    void serve(context, request, response);
  });
  // Connections that a client's pool keeps must not close under its next request.
  server.keepAliveTimeout = 120_000;
  const port = await listen(server, resolved.port, resolved.host);
  const origin = `http://${resolved.host}:${port}`;
  const close = () => closeServer(server);
  return {
    url: `${origin}/api/v1`,
    gatewayUrl: `${origin}/v1`,
    port,
    books,
    order: (...scripts) => desk.order(...scripts),
    clear: () => desk.clear(),
    reset() {
      desk.clear();
      desk.order(...resolved.faults);
      books.clear();
      account.reset();
      ids.reset();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createEngine(ids: Ids): Engine {
  return (request, _body, model) =>
    answerByExtraction(request, model.supportedParameters, () => ids.toolCall());
}

async function serve(
  context: ServerContext,
  request: Parameters<typeof route>[1],
  response: Parameters<typeof route>[2],
): Promise<void> {
  try {
    if (await route(context, request, response)) return;
    sendRefusal(response, {
      status: 404,
      message: `No route for ${request.method} ${request.url}`,
    });
  } catch (error) {
    if (response.headersSent) response.destroy();
    else sendRefusal(response, { status: 500, message: String(error) });
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
