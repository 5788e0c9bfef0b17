import type { IncomingMessage, ServerResponse } from "node:http";
import { serverStops } from "../active-calls.ts";
import type { RouteTable } from "../routes/route-table.ts";
import type { ServerSettings } from "../server-settings.ts";
import { hostCheck } from "./check-host.ts";
import { answerPreflight, isPreflight, originCheck } from "./check-origin.ts";
import { anyone, type Client } from "./client.ts";
import type { Keys } from "./keys.ts";

/**
 * Makes what each request passes first: whether it is for this server, of a page that may call it, with a
 * key, and in time. What the key allows, the routes check.
 *
 * @returns who has sent the request; `undefined` where it has been answered
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
    const { headers, url = "" } = incoming;
    checkHost(headers.host);
    checkOrigin(incoming, outgoing);
    if (isPreflight(incoming)) {
      answerPreflight(incoming, outgoing);
      return undefined;
    }
    if (table.isPublic(url)) return anyone;
    const client = keys.check(headers.authorization);
    if (isStopping()) throw serverStops();
    return client;
  };
}
