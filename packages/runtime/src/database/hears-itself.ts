import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "./database.ts";

const attempts = 3;
/** A notification arrives within milliseconds; a machine under load may take longer. */
const maxWaitMs = 2000;

/**
 * Whether a notification that a process sends arrives where it listens.
 *
 * @param notify - Sends by another connection than the one that listens: a pooler that lends connections for
 * a transaction delivers what was sent by the same one.
 */
export async function hearsItself(
  channel: string,
  listen: Database["listen"],
  notify: Database["notify"],
): Promise<boolean> {
  const token = randomUUID();
  const { promise: heard, resolve } = Promise.withResolvers<boolean>();
  await using subscription = listen(channel, (payload) => payload === token && resolve(true));
  await subscription.begun;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    await notify(channel, token);
    if (await Promise.race([heard, sleep(maxWaitMs, false, { ref: false })])) return true;
  }
  return false;
}
