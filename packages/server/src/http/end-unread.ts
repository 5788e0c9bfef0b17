import type { ServerResponse } from "node:http";

/** Closes the connection of a client that does not read the rest of its answer: nothing else waits for it. */
export function endUnread(outgoing: ServerResponse, timeoutMs: number): void {
  outgoing.once("prefinish", () => {
    if (outgoing.writableLength > 0) outgoing.setTimeout(timeoutMs, () => outgoing.destroy());
  });
}
