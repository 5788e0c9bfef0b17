import type { IncomingMessage } from "node:http";

/**
 * The path of a request, as the client sent it. The check of the key and all routers use this function: with other
 * forms of a path, such as `/a/../b` or `/%62`, one of them could take the request for another one.
 */
export function pathOf({ url = "" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}
