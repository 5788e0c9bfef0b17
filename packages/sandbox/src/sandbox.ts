import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createAccount } from "./account/account.ts";
import { createBooks, type Books } from "./books/books.ts";
import { answerByExtraction } from "./extractive/answer.ts";
import { createFaultDesk } from "./faults/fault-desk.ts";
import type { ScriptedFault } from "./faults/fault.ts";
import { listen } from "./listen.ts";
import { resolveSandboxOptions, type SandboxOptions } from "./options.ts";
import { createOtherApis, type OtherApis } from "./scripted/other-apis.ts";
import { createScriptedAnswers, type ScriptedAnswers } from "./scripted/scripted-answers.ts";
import type { Engine, ServerContext } from "./server/context.ts";
import { createIds } from "./server/ids.ts";
import { createRequestCounter } from "./server/request-counter.ts";
import { sendRefusal } from "./server/respond.ts";
import { route } from "./server/router.ts";

/** A running sandbox: a mock of OpenRouter on loopback. `await using` closes it. */
export interface Sandbox extends AsyncDisposable {
  /** OpenRouter's base URL, `http://127.0.0.1:<port>/api/v1`. */
  readonly url: string;
  /** The mock of a Portkey gateway, `http://127.0.0.1:<port>/v1`. */
  readonly gatewayUrl: string;
  readonly port: number;
  readonly books: Books;
  /** Orders faults, in addition to those already ordered. */
  order(...faults: readonly ScriptedFault[]): void;
  /** Removes all ordered faults, also those of the options. */
  clear(): void;
  /** Restores the state at the start: the faults of the options, empty books, no requests counted, the seed's first ids. */
  reset(): void;
  /** Closes the server and every connection. */
  close(): Promise<void>;
}

/**
 * Starts a sandbox.
 *
 * @throws an error with the code of Node.js, such as `EADDRINUSE`, if it cannot listen
 */
export async function startSandbox(options?: SandboxOptions): Promise<Sandbox> {
  const resolved = resolveSandboxOptions(options);
  const ids = createIds(resolved.seed);
  const newCallId = () => ids.toolCall();
  const scripted = await createScriptedAnswers(resolved.fixtures, newCallId);
  const engine = createEngine(scripted, newCallId);
  const otherApis = createOtherApis(engine, resolved);
  const context: ServerContext = {
    options: resolved,
    account: createAccount(resolved.limits),
    desk: createFaultDesk(resolved.seed),
    books: createBooks(),
    ids,
    counter: createRequestCounter(),
    engine,
  };
  const { account, books, counter, desk } = context;
  desk.order(...resolved.faults);

  const server = createServer((request, response) => {
    response.on("error", () => {});
    void serve(context, otherApis, request, response);
  });
  // Connections that a client's pool keeps must not be closed during its next request.
  server.keepAliveTimeout = 120_000;
  const port = await listen(server, resolved.port, resolved.host);
  const origin = `http://${resolved.host}:${port}`;
  const close = async () => {
    await Promise.all([closeServer(server), otherApis.close()]);
  };
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
      counter.reset();
      scripted?.reset();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Fixtures come first, if there are any; all other requests are answered by extraction. */
function createEngine(scripted: ScriptedAnswers | undefined, newCallId: () => string): Engine {
  const extract: Engine = (request, _body, model) =>
    answerByExtraction(request, model.supportedParameters, newCallId);
  if (scripted === undefined) return extract;
  return async (request, body, model) =>
    (await scripted.find(body)) ?? extract(request, body, model);
}

async function serve(
  context: ServerContext,
  otherApis: OtherApis,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (await route(context, request, response)) return;
    if (await otherApis.forward(request, response)) return;
    sendRefusal(response, {
      status: 404,
      message: `No route for ${request.method} ${request.url}`,
    });
  } catch (error) {
    if (response.headersSent) response.destroy();
    else sendRefusal(response, { status: 500, message: String(error) });
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
