import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { openOnServer } from "../test-support/databases.ts";
import { limitsChannel, type WakeMessage } from "./wake-message.ts";
import { WakeSubscription } from "./wake-subscription.ts";

test("payloads of another form are ignored, and the next message is received", async () => {
  await using database = await openOnServer();
  const account = randomUUID();
  const message: WakeMessage = { account, wakes: null, isWaitedFor: true };
  const received: WakeMessage[] = [];
  const subscribed = Promise.withResolvers<void>();
  const subscription = new WakeSubscription({
    database,
    account,
    onMessage: (each) => received.push(each),
    onSubscribed: subscribed.resolve,
  });
  subscription.open();
  await subscribed.promise;
  const others = [{ account }, { ...message, wakes: 7 }, null, 7, [message]];
  for (const payload of ["", "junk", ...others.map((other) => JSON.stringify(other))]) {
    await database.notify(limitsChannel(database), payload);
  }
  await database.notify(limitsChannel(database), JSON.stringify(message));
  await expect.poll(() => received).toEqual([message]);
  await subscription.close();
});
