import { expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { describeDatabases } from "../test-support/databases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";
import { News } from "./news.ts";

test("wakes who waits for an end by that alone, and after a loss of the connection", async () => {
  let tell: (payload: string) => void = () => undefined;
  let reconnect: (() => void) | undefined;
  const listen: Database["listen"] = async (_, onNotification, onReconnect) => {
    [tell, reconnect] = [onNotification, onReconnect];
    return { [Symbol.asyncDispose]: async () => undefined };
  };
  await using news = new News({ listen } as Database, "channel");
  const woken: string[] = [];
  using anything = news.watch("a");
  using end = news.watch("a", "its end");
  using other = news.watch("b");
  for (const [name, watch] of Object.entries({ anything, end, other })) {
    const wake = watch.wake.bind(watch);
    watch.wake = () => {
      woken.push(name);
      wake();
    };
  }
  tell("a 3");
  expect(woken.splice(0)).toEqual(["anything"]);
  tell("a 4 end");
  expect(woken.splice(0)).toEqual(["anything", "end"]);
  reconnect?.();
  expect(woken.splice(0)).toEqual(["anything", "end", "other"]);
});

describeDatabases("a runtime", (open) => {
  test("says of the last event that it is the last", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { database } = t.runtime;
    const heard: string[] = [];
    await using _ = await database.listen(`${database.schema}_events`, (said) => heard.push(said));
    await t.runtime.work();
    const { id } = await t.runtime.start("answer", question);
    const { lastEvent } = await t.runtime.wait(id);
    await expect.poll(() => heard.at(-1)).toBe(`${id} ${lastEvent} end`);
    expect(heard[0]).toBe(`${id} 1`);
    expect(heard.filter((said) => said.endsWith("end"))).toHaveLength(1);
  });
});
