import { expect, test } from "vitest";
import { openOnServer, question } from "@orchestra/runtime/test-support";
import { follow, textsOf } from "../test-support/follow.ts";
import { startRunServer } from "../test-support/start-run-server.ts";

test("1,000 followers of one run get all of it", async () => {
  await using t = await startRunServer({ database: await openOnServer() });
  const { id } = await t.runtime.start("answer", question);
  const followers = await Promise.all(
    Array.from({ length: 1000 }, async () => {
      const { events } = await follow(t.url, id);
      return { first: await events.next(), events };
    }),
  );
  await t.work();
  const seen = await Promise.all(
    followers.map(async ({ first, events }) => {
      const rest = await Array.fromAsync(events, ({ event }) => event);
      return first.done ? rest : [first.value.event, ...rest];
    }),
  );
  const stored = await Array.fromAsync(t.runtime.events(id));
  const whole = { numbers: stored.map(({ number }) => number), texts: textsOf(stored) };
  for (const events of seen) {
    const numbers = events.flatMap(({ number }) => number ?? []);
    expect({ numbers, texts: textsOf(events) }).toEqual(whole);
  }
});
