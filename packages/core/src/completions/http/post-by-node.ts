import type { IncomingMessage } from "node:http";
import { packetsOf } from "./decode-body.ts";
import { dispatcherKey, type DispatcherHolder } from "./global-dispatcher.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";

/** Origins whose servers send `100 Continue` unrequested. */
export const continuing: Set<string> = new Set();

/**
 * Whether a request failed because of an unrequested `100 Continue`: HTTP allows it, but undici closes
 * the connection. From then on, Node.js itself sends the server's requests, which ignores it;
 * except if the process has set its own dispatcher, such as one for a proxy.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9110#section-15.2
 */
export function failedForContinue(error: unknown, url: string): boolean {
  const { code, message } = Object(error) as {
    readonly code?: unknown;
    readonly message?: unknown;
  };
  if (code !== "UND_ERR_SOCKET" || message !== "bad response") return false;
  const { [dispatcherKey]: shared } = globalThis as DispatcherHolder;
  if (shared && shared.constructor.name !== "Agent") return false;
  continuing.add(new URL(url).origin);
  return true;
}

/** Maximum number of 1xx responses before the answer: an infinite number would block the process. */
const maxInterim = 20;

/** Sends a request with Node.js itself; resolves at the headers of the answer. */
export async function postByNode({
  method,
  url,
  headers,
  body,
  signal,
}: HttpRequest): Promise<HttpResponse> {
  const { request } = url.startsWith("https:")
    ? await import("node:https")
    : await import("node:http");
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request(url, { method, headers, signal }, resolve).on("error", reject);
  // Without a listener, the connection of an upgrade is closed without an error.
  sent.on("upgrade", (_, socket) => {
    socket.destroy();
    reject(new Error("The server switched to another protocol and did not answer"));
  });
  sent.on("close", () => reject(new Error("The server closed the connection before its answer")));
  let interim = 0;
  sent.on("information", () => {
    if ((interim += 1) > maxInterim) sent.destroy(new Error("The server keeps answering 1xx"));
  });
  sent.end(body);
  const answer = await promise;
  const header = (name: string) => answer.headers[name]?.toString();
  const packets = packetsOf(answer);
  const read = async () => {
    signal.throwIfAborted();
    try {
      return await packets.read();
    } catch (error) {
      // Node.js replaces the reason of an abort by its own error.
      signal.throwIfAborted();
      throw error;
    }
  };
  return { status: answer.statusCode ?? 0, header, packets: { ...packets, read } };
}
