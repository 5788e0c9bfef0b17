import type { IncomingMessage, ServerResponse } from "node:http";
import { serverStops } from "../active-calls.ts";
import type { RouteTable } from "../routes/route-table.ts";
import type { ServerSettings } from "../server-settings.ts";
import { hostCheck } from "./check-host.ts";
import { answerPreflight, isPreflight, originCheck } from "./check-origin.ts";
import { Keys } from "./keys.ts";

/**
 * Makes what each request passes first: whether it is for this server, of a page that may call it, with a
 * key, and in time.
 *
 * @returns whether the request is to be answered, or has been
 */
export function createGate(
  settings: ServerSettings,
  table: RouteTable,
  isStopping: () => boolean,
): (incoming: IncomingMessage, outgoing: ServerResponse) => boolean {
  const checkHost = hostCheck(settings);
  const checkOrigin = originCheck(settings.allowedOrigins);
  const keys = new Keys(settings.keys);
  /** @throws {ApiError} for a request that is refused */
  return (incoming, outgoing) => {
    const { headers, url = "" } = incoming;
    checkHost(headers.host);
    checkOrigin(incoming, outgoing);
    if (isPreflight(incoming)) {
      answerPreflight(incoming, outgoing);
      return false;
    }
    if (table.isPublic(url)) return true;
    keys.check(headers.authorization);
    if (isStopping()) throw serverStops();
    return true;
  };
}
