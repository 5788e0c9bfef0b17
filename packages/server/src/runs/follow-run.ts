import type { IncomingMessage, ServerResponse } from "node:http";
import type { Run } from "@orchestra/runtime";
import { EventStream, eventStreamHeaders } from "../http/event-stream.ts";
import { pathOf } from "../http/path-of.ts";
import type { ServerContext } from "../server-context.ts";
import { requireRuntime } from "./require-runtime.ts";
import { eventWithoutStack } from "./without-stack.ts";

/**
 * Answers `GET /v1/runs/{id}/events`: the run's events from the client's last one on, then new ones until
 * the run ends. When the server stops, the stream ends, and the client continues at another server.
 */
export async function followRun(
  context: ServerContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { id = "" }: Readonly<Record<string, string>>,
): Promise<void> {
  const runtime = requireRuntime(context);
  // Before any look-up, because the signal that ends this request fires only once.
  const signal = context.calls.follow(outgoing);
  const after = positionOf(incoming);
  const run = await runtime.get(id, { waitsForDatabase: false });
  // Throws for a value that is not a position, before the answer begins.
  const events = runtime.events(id, { after, signal });
  if (after !== undefined && hasAll(run, after)) {
    // With this status, a browser's EventSource does not reconnect.
    outgoing.writeHead(204).end();
    return;
  }
  if (incoming.method === "HEAD") {
    outgoing.writeHead(200, eventStreamHeaders).end();
    return;
  }
  const { readerTimeoutMs } = context.gateway.settings;
  const { keepAliveMs } = context.settings;
  using stream = new EventStream(outgoing, { signal, readerTimeoutMs, keepAliveMs });
  try {
    for await (const event of events) {
      const { cursor, type } = event;
      await stream.send({ id: cursor, event: type, data: eventWithoutStack(event) });
    }
  } catch (error) {
    if (!signal.aborted) context.gateway.logger.error("run events broke off", { error });
  }
}

/** The header has precedence: a browser that reconnects keeps the query of its first request. */
function positionOf(incoming: IncomingMessage): string | undefined {
  const header = incoming.headers["last-event-id"];
  if (typeof header === "string" && header !== "") return header;
  const query = incoming.url?.slice(pathOf(incoming).length);
  return new URLSearchParams(query).get("after") ?? undefined;
}

/** Whether a run has ended, and the client has all its events. */
function hasAll({ endedAt, lastEvent }: Run, after: string): boolean {
  return endedAt !== undefined && Number.parseInt(after, 10) >= lastEvent;
}
