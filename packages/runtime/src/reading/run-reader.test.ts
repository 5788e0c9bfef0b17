import { describe, expect, inject, test } from "vitest";
import { isOutage, openPostgres } from "../database/index.ts";
import { RuntimeClosedError } from "../errors/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { startSilentProxy } from "../test-support/silent-proxy.ts";
import { pipelineOf, startTestRuntime } from "../test-support/test-runtime.ts";

/** A run that is queued, and a reader of it behind a proxy, whose statements have no time limit. */
async function startScene() {
  await using stack = new AsyncDisposableStack();
  const echo = pipelineOf("echo", (input) => input);
  const proxy = stack.use(await startSilentProxy(inject("databaseUrl")));
  const t = stack.use(
    await startTestRuntime({ database: await openOnServer(), pipelines: [echo] }),
  );
  const { schema } = t.runtime.database;
  const database = await openPostgres({ url: proxy.url, schema, maxConnections: 1 });
  const reader = await t.another({ database });
  const { id } = await t.runtime.start("echo", 1);
  await reader.get(id);
  const all = stack.move();
  return {
    ...t,
    id,
    proxy,
    reader,
    [Symbol.asyncDispose]: async () => {
      await proxy.refuse();
      await all.disposeAsync();
      await database.close();
    },
  };
}

describe("a reader that stops while the database", () => {
  test("is silent is not held up", async () => {
    await using scene = await startScene();
    const { reader, id, proxy } = scene;
    const stop = new AbortController();
    const { signal } = stop;
    proxy.silenceOpen();
    const waiting = reader.wait(id, { signal });
    const following = Array.fromAsync(reader.events(id, { signal }));
    const reason = new Error("stopped");
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(following).resolves.toEqual([]);
  });

  test("is away is told of the outage, and is not held up", async () => {
    await using scene = await startScene();
    const { reader, id, proxy } = scene;
    const stop = new AbortController();
    await proxy.refuse();
    const away = Promise.withResolvers<unknown>();
    const { signal } = stop;
    const following = Array.fromAsync(reader.events(id, { signal, onOutage: away.resolve }));
    expect(isOutage(await away.promise)).toBe(true);
    stop.abort();
    await expect(following).resolves.toEqual([]);
  });
});

test("a reader that has stopped before it began gets no event", async () => {
  await using scene = await startScene();
  const { reader, id } = scene;
  const signal = AbortSignal.abort();
  expect(await Array.fromAsync(reader.events(id, { signal }))).toEqual([]);
});

test("readers of a runtime that is closed get an error, also where the database stays open", async () => {
  const echo = pipelineOf("echo", (input) => input);
  await using t = await startTestRuntime({ database: await openOnServer(), pipelines: [echo] });
  const { runtime } = t;
  const { id } = await runtime.start("echo", 1);
  const reader = await t.another();
  const events = reader.events(id);
  await expect(events.next()).resolves.toMatchObject({ value: { type: "run-queued" } });
  const refused = (...calls: readonly Promise<unknown>[]) =>
    Promise.all(calls.map((call) => expect(call).rejects.toThrow(RuntimeClosedError)));
  const waiting = refused(reader.wait(id), events.next());
  await reader.close();
  await waiting;
  await refused(reader.get(id), reader.wait(id));
  expect(() => reader.events(id)).toThrow(RuntimeClosedError);
  await runtime.work();
  expect(await runtime.wait(id)).toMatchObject({ status: "succeeded" });
});
