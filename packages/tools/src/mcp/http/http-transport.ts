import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { systemClock, waits } from "@orchestra/core/extend";
import type { ResolvedServer } from "../config/mcp-config.ts";
import { boundedFetch } from "./bounded-fetch.ts";

/** Time to end the server's session, in milliseconds. */
const goodbyeMs = 1_000;

export type HttpServer = Exclude<ResolvedServer, { kind: "stdio" }>;

/** A transport of the SDK, whose `close()` ends the session too. Redirects to other origins are not followed. */
export function httpTransport(
  { url, headers }: HttpServer,
  kind: "http" | "sse",
  maxMessageBytes: number,
  onTooLarge: () => void,
): Transport {
  const options = { requestInit: { headers }, fetch: boundedFetch(maxMessageBytes, onTooLarge) };
  if (kind === "sse") return new SSEClientTransport(url, options);
  const transport = new StreamableHTTPClientTransport(url, options);
  const close = transport.close.bind(transport);
  transport.close = async () => {
    const goodbye = transport.terminateSession().catch(() => undefined);
    await waits.within(systemClock, goodbyeMs, goodbye);
    await close();
  };
  return transport;
}
