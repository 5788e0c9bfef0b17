import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { ArgumentError, SettingsError, type Environment } from "@orchestra/core/gateway";
import type { Gateway } from "@orchestra/core";
import type { DatabaseProblem, KeyRing, Runtime } from "@orchestra/runtime";
import { ActiveCalls } from "./active-calls.ts";
import { createApp, routeTable } from "./app.ts";
import { Clients } from "./access/clients.ts";
import { createGate } from "./access/gate.ts";
import { isLoopback } from "./access/is-loopback.ts";
import { Agents, type ServedAgent } from "./agents/served-agent.ts";
import { Keys } from "./access/keys.ts";
import { checkServed } from "./check-served.ts";
import { Roles } from "./calls/roles.ts";
import { answerErrors } from "./errors/answer-errors.ts";
import { errorBody, invalidRequest } from "./errors/api-error.ts";
import { RuntimeCheck } from "./health/runtime-check.ts";
import { UpstreamCheck } from "./health/upstream-check.ts";
import { ServerMetrics } from "./metrics/server-metrics.ts";
import { createHttpServer } from "./http/create-http-server.ts";
import { closeIfUnread } from "./http/close-if-unread.ts";
import { listen } from "./http/listen.ts";
import type { Respond, Tracing } from "./tracing/tracing.ts";
import { sendError } from "./http/respond.ts";
import type { ServerContext } from "./server-context.ts";
import {
  resolveServerSettings,
  type ServerSettings,
  type ServerSettingsOptions,
} from "./server-settings.ts";

/** What a server serves, and its settings. Each setting has precedence over its environment variable. */
export interface ServeOptions extends ServerSettingsOptions {
  /**
   * Makes the model calls: an `Orchestra`, or a `Gateway`, which loads nothing of LangChain.
   *
   * @defaultValue the gateway of the runtime
   */
  readonly orchestra?: Gateway | undefined;
  /** For the routes of runs. It stays open when the server closes. @defaultValue none */
  readonly runtime?: Runtime | undefined;
  /** Agents that clients may call by their roles. @defaultValue none */
  readonly agents?: readonly ServedAgent[] | undefined;
  /**
   * Whether the server is one process of a cluster whose primary has called `mergeMetrics()`: it then answers
   * with the metrics of all.
   *
   * @defaultValue `false`
   */
  readonly sharesMetrics?: boolean | undefined;
  /** Makes spans of requests. It stays open when the server closes. @defaultValue none */
  readonly tracing?: Tracing | undefined;
  /** Environment variables, for settings without an option. @defaultValue `process.env` */
  readonly environment?: Environment | undefined;
}

/** A server that listens. `await using` closes it. */
export interface RunningServer extends AsyncDisposable {
  /** Base URL for OpenAI's clients, such as `http://127.0.0.1:8080/v1`. */
  readonly url: string;
  /** The port that the server listens on, also if the setting is 0. */
  readonly port: number;
  /**
   * Stops the server. New requests get a 503, streams of run events end, and other requests in progress have
   * `graceMs` to end. Then they are aborted, and the connections are closed.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** How long aborted requests may take to send their error. */
const abortMs = 500;

/**
 * Starts an HTTP server with OpenAI's API. Each request passes the same policies as
 * `orchestra.completions.create()`.
 *
 * @throws {SettingsError} with every problem of the settings at once, also if other machines can reach
 * the address and there are no keys
 * @throws {ArgumentError} for an option of the wrong type, or one that does not exist
 * @throws {ListenError} if it cannot listen
 *
 * @example
 * ```ts
 * await using server = await serve({ orchestra: new Orchestra(), port: 8080 });
 * console.log(server.url);
 * ```
 */
export async function serve(given: ServeOptions): Promise<RunningServer> {
  checkServed(given);
  const { runtime, agents = [], environment, sharesMetrics = false, tracing, ...rest } = given;
  const { orchestra: gateway = runtime?.gateway, ...options } = rest;
  if (!gateway) {
    throw ArgumentError.of(
      "serve(): options.orchestra",
      gateway,
      "an Orchestra or a Gateway, or a runtime as options.runtime",
    );
  }
  const settings = resolveServerSettings(options, environment);
  const ring = await runtime?.keys.open((error) => gateway.logger.warn("keys not read", { error }));
  try {
    requireKeys(settings, ring);
    return await start({ runtime, gateway, agents, settings, ring, sharesMetrics, tracing });
  } catch (error) {
    await ring?.[Symbol.asyncDispose]();
    throw error;
  }
}

interface Parts {
  readonly gateway: Gateway;
  readonly runtime: Runtime | undefined;
  readonly agents: readonly ServedAgent[];
  readonly settings: ServerSettings;
  /** The keys of the database. */
  readonly ring: KeyRing | undefined;
  readonly sharesMetrics: boolean;
  readonly tracing: Tracing | undefined;
}

async function start({
  runtime,
  gateway,
  agents,
  settings,
  ring,
  sharesMetrics,
  tracing,
}: Parts): Promise<RunningServer> {
  const clients = new Clients();
  const calls = new ActiveCalls();
  const databaseProblemOf = await loadDatabaseProblemOf(runtime);
  let isStopping = false;
  const health = {
    upstream: new UpstreamCheck(gateway),
    runtime: runtime && new RuntimeCheck(runtime, databaseProblemOf),
    isStopping: () => isStopping,
  };
  const parts = {
    gateway,
    runtime,
    settings,
    clients,
    calls,
    health,
    roles: new Roles(gateway),
    agents: new Agents(agents),
    answerError: answerErrors({
      logger: gateway.logger,
      databaseProblemOf,
    }),
  };
  const metrics = new ServerMetrics(parts, sharesMetrics);
  const context: ServerContext = { ...parts, metrics };
  const answer = getRequestListener(createApp(context).fetch, {
    // Other code in the process may need its own Request and Response.
    overrideGlobalObjects: false,
    autoCleanupIncoming: false,
    errorHandler: refuseInvalidUrl,
  });
  const keys = new Keys({
    keys: settings.keys,
    ring,
    areRequired: !isLoopback(settings.host),
  });
  const admit = createGate(settings, routeTable, keys, health.isStopping);
  const respond: Respond = async (incoming, outgoing) => {
    const direct = routeTable.direct(incoming);
    await (direct ? direct(context, incoming, outgoing, {}) : answer(incoming, outgoing));
  };
  const route = tracing ? tracing.requests(tracedRoute, respond) : respond;
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    calls.track(outgoing);
    closeIfUnread(outgoing, gateway.settings.readerTimeoutMs);
    try {
      const client = admit(incoming, outgoing);
      if (!client) return;
      clients.set(incoming, client);
      if (client.key?.requestsPerMinute !== undefined) {
        await ring?.limits.take(client.key).catch((error: unknown) => {
          // The key may be revoked by now, or the server may stop: then that is the reason.
          admit(incoming, outgoing);
          throw error;
        });
      }
      // Its client has left in the meantime.
      if (outgoing.destroyed) return;
      await route(incoming, outgoing);
    } catch (error) {
      sendError(outgoing, context.answerError(error));
    }
  };
  const server = createHttpServer(
    settings.requestTimeoutMs,
    (...exchange) => void handle(...exchange),
  );
  const port = await listen(server, settings.port, settings.host).catch((error: unknown) => {
    metrics[Symbol.dispose]();
    throw error;
  });
  const end = async (graceMs: number): Promise<void> => {
    await stop(server, calls, graceMs);
    metrics[Symbol.dispose]();
    await ring?.[Symbol.asyncDispose]();
  };
  let closing: Promise<void> | undefined;
  const close = ({ graceMs = settings.graceMs } = {}): Promise<void> => {
    isStopping = true;
    calls.drain();
    closing ??= end(graceMs);
    return closing;
  };
  return {
    url: `http://${urlHost(settings.host)}:${port}/v1`,
    port,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

/** Probes, metrics and pages are not traced. */
function tracedRoute(incoming: IncomingMessage): string | undefined {
  const path = routeTable.pathOf(incoming);
  return path?.startsWith("/v1/") ? path : undefined;
}

/** Imports the function from the runtime. A server without runs does not load the runtime. */
async function loadDatabaseProblemOf(
  runtime: Runtime | undefined,
): Promise<(error: unknown) => DatabaseProblem | undefined> {
  return runtime ? (await import("@orchestra/runtime")).databaseProblemOf : () => undefined;
}

/** The answer to a request whose host or path cannot be part of a URL. */
function refuseInvalidUrl(): Response {
  const error = invalidRequest("The request's host or path is not valid.");
  const headers = { "content-type": "application/json" };
  return new Response(errorBody(error), { status: error.details.status, headers });
}

function requireKeys({ host, keys }: ServerSettings, ring: KeyRing | undefined): void {
  if (keys.length > 0 || isLoopback(host) || (ring && ring.size > 0)) return;
  throw new SettingsError([
    {
      variable: "ORCHESTRA_SERVER_KEYS",
      option: "keys",
      problem: `is not set, and other machines can reach the server on ${host}`,
      expected:
        "keys of 16 to 256 characters without spaces, separated by commas; or keys in the database, by orchestra keys create",
      example: "a-key-of-one-team,a-key-of-another-team",
    },
  ]);
}

async function stop(server: Server, calls: ActiveCalls, graceMs: number): Promise<void> {
  const done = new AbortController();
  const graceEnd = sleep(graceMs, undefined, { signal: done.signal }).then(
    () => calls.abort(),
    () => undefined,
  );
  await Promise.race([calls.idle(), graceEnd]);
  done.abort();
  await Promise.race([calls.idle(), sleep(abortMs, undefined, { ref: false })]);
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** A server that listens on all addresses is reached by loopback. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
