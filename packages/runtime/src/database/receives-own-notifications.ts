import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "./database.ts";

const attempts = 4;
/** Behind a pooler that assigns connections for a transaction, one can arrive by chance. */
const needed = 2;
/** A notification arrives within milliseconds; on a machine under load it may take longer. */
const maxWaitMs = 2000;

/**
 * Whether the process receives its own notifications.
 *
 * @param notify - Sends on another connection than the one that listens: a pooler that assigns connections for
 * a transaction delivers notifications of the same connection.
 * @param waitMs - Maximum time for a notification, in milliseconds.
 */
export async function receivesOwnNotifications(
  channel: string,
  listen: Database["listen"],
  notify: Database["notify"],
  waitMs = maxWaitMs,
): Promise<boolean> {
  const awaited = new Map<string, () => void>();
  await using subscription = listen(channel, (payload) => awaited.get(payload)?.());
  await subscription.begun;
  let received = 0;
  for (let attempt = 1; attempt <= attempts && received < needed; attempt += 1) {
    const token = randomUUID();
    const arrived = new Promise<boolean>((resolve) => awaited.set(token, () => resolve(true)));
    await notify(channel, token);
    if (await Promise.race([arrived, sleep(waitMs, false, { ref: false })])) received += 1;
  }
  return received >= needed;
}
