import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientBase } from "pg";

/** Maximum time to wait for a server that does not answer, in milliseconds. */
const maxGoodbyeMs = 1000;

/**
 * Closes the socket of a connection at once. `end()` sends a message first, and waits for a server that may
 * never answer.
 */
export function breakConnection(client: ClientBase): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
}

/** Ends a connection, and destroys it if the server does not answer. */
export async function endConnection(client: Client): Promise<void> {
  const isEnded = new AbortController();
  const ended = client
    .end()
    .catch(() => undefined)
    .finally(() => isEnded.abort());
  await Promise.race([
    ended,
    sleep(maxGoodbyeMs, undefined, { signal: isEnded.signal }).catch(() => undefined),
  ]);
  breakConnection(client);
}
