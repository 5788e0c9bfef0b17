import { once } from "node:events";
import type { ServerResponse } from "node:http";

/** Waits until the client has read. Closes the connection if the client does not read in time. */
export async function untilRead(
  outgoing: ServerResponse,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> {
  const timer = setTimeout(() => outgoing.destroy(), timeoutMs);
  try {
    await once(outgoing, "drain", { signal });
  } finally {
    clearTimeout(timer);
  }
}
