import { expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";
import { Announcer } from "./announcer.ts";
import { EventNotifier } from "./event-notifier.ts";

test("notifies a caller that waits for an end only of that end, and after the connection was lost", async () => {
  let tell: (payload: string) => void = () => undefined;
  let reconnect: (() => void) | undefined;
  const listen: Database["listen"] = (_, onNotification, onReconnect) => {
    [tell, reconnect] = [onNotification, onReconnect];
    return { begun: Promise.resolve(), [Symbol.asyncDispose]: async () => undefined };
  };
  await using notifier = new EventNotifier({ listen, receivesNotifications: true }, "channel");
  const woken: string[] = [];
  using anything = notifier.watch("a");
  using end = notifier.watch("a", "its end");
  using other = notifier.watch("b");
  await expect.poll(() => notifier.pollMs).toBeGreaterThan(1000);
  for (const [name, watch] of Object.entries({ anything, end, other })) {
    const wake = watch.wake.bind(watch);
    watch.wake = () => {
      woken.push(name);
      wake();
    };
  }
  tell("no announcement");
  tell('[["a",0]]');
  expect(woken.splice(0)).toEqual(["anything"]);
  tell('[["c",1],["a",1]]');
  expect(woken.splice(0)).toEqual(["anything", "end"]);
  reconnect?.();
  expect(woken.splice(0)).toEqual(["anything", "end", "other"]);
});

test.each(["run", "with a space", '"quoted", [1]', "\u{1f5fc}", "long".repeat(2000)])(
  "notifies the reader of a run when the run is announced, with any id: %s",
  async (id) => {
    let tell: (payload: string) => void = () => undefined;
    const listen: Database["listen"] = (_, onNotification) => {
      tell = onNotification;
      return { begun: Promise.resolve(), [Symbol.asyncDispose]: async () => undefined };
    };
    await using notifier = new EventNotifier({ listen, receivesNotifications: true }, "channel");
    using watch = notifier.watch(id);
    await expect.poll(() => notifier.pollMs).toBeGreaterThan(1000);
    const query: Database["query"] = async (_, [, payloads] = []) => {
      for (const payload of payloads as string[]) tell(payload);
      return [];
    };
    const announcer = new Announcer({
      database: { query },
      eventsChannel: "channel",
      workChannel: "work",
      onError: (error) => expect.unreachable(String(error)),
    });
    let isWoken = false;
    watch.wake = () => {
      isWoken = true;
    };
    announcer.changed("another");
    announcer.changed(id);
    await announcer[Symbol.asyncDispose]();
    expect(isWoken).toBe(true);
  },
);

test("listens only while a run is followed, and polls until it receives notifications", async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let listens = 0;
  const listen: Database["listen"] = () => {
    listens += 1;
    return { begun, [Symbol.asyncDispose]: async () => undefined };
  };
  await using notifier = new EventNotifier({ listen, receivesNotifications: true }, "channel");
  expect(listens).toBe(0);
  using watch = notifier.watch("a");
  using _ = notifier.watch("b");
  expect({ listens, pollMs: notifier.pollMs }).toEqual({ listens: 1, pollMs: 1000 });
  begin();
  // What was said before it listened: it looks once.
  await watch.next(60_000);
  expect(notifier.pollMs).toBe(10_000);
});

describeServerFirst("a runtime", (open) => {
  test("announces changed runs, and marks the last event of a run", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { database } = t.runtime;
    const received: [string, number][] = [];
    await using subscription = database.listen(`${database.schema}_events`, (said) =>
      received.push(...(JSON.parse(said) as [string, number][])),
    );
    await subscription.begun;
    await t.runtime.work();
    const { id } = await t.runtime.start("answer", question);
    await t.runtime.wait(id);
    await expect.poll(() => received.at(-1)).toEqual([id, 1]);
    expect(received.filter(([, hasEnded]) => hasEnded === 1)).toHaveLength(1);
  });
});
