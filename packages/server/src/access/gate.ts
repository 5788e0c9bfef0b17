import type { IncomingMessage, ServerResponse } from "node:http";
import { serverStops } from "../active-calls.ts";
import type { RouteTable } from "../routes/route-table.ts";
import type { ServerSettings } from "../server-settings.ts";
import { hostCheck } from "./check-host.ts";
import { answerPreflight, isPreflight, originCheck } from "./check-origin.ts";
import { unauthenticatedClient, type Client } from "./client.ts";
import type { Keys } from "./keys.ts";

/**
 * Creates the first checks of each request: whether it is for this server, of an allowed page, with a
 * key, and in time. The routes check the permissions of the key.
 *
 * @returns the client; `undefined` if the request has already been answered
 */
export function createGate(
  settings: ServerSettings,
  table: RouteTable,
  keys: Keys,
  isStopping: () => boolean,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Client | undefined {
  const checkHost = hostCheck(settings);
  const checkOrigin = originCheck(settings.allowedOrigins);
  /** @throws {ApiError} for a request that is refused */
  return (incoming, outgoing) => {
    const { headers } = incoming;
    checkHost(headers.host);
    checkOrigin(incoming, outgoing);
    if (isPreflight(incoming)) {
      answerPreflight(incoming, outgoing);
      return undefined;
    }
    if (table.isPublic(incoming)) return unauthenticatedClient;
    const client = keys.check(headers.authorization);
    if (isStopping()) throw serverStops();
    return client;
  };
}
