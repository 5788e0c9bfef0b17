import type { ServerResponse } from "node:http";

/** Closes the connection if the client does not read the rest of a finished answer in time. */
export function closeIfUnread(outgoing: ServerResponse, timeoutMs: number): void {
  outgoing.once("prefinish", () => {
    if (outgoing.writableLength > 0) outgoing.setTimeout(timeoutMs, () => outgoing.destroy());
  });
}
