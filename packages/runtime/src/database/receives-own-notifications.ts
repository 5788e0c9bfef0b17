import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "./database.ts";

const attempts = 4;
/** Behind a pooler that lends connections for a transaction, one can arrive by chance. */
const needed = 2;
/** A notification arrives within milliseconds; a machine under load may take longer. */
const maxWaitMs = 2000;

/**
 * Whether notifications that a process sends arrive where it listens.
 *
 * @param notify - Sends by another connection than the one that listens: a pooler that lends connections for
 * a transaction delivers what was sent by the same one.
 * @param waitMs - How long a notification may take, in milliseconds.
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
