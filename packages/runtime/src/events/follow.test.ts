import { expect, test } from "vitest";
import type { Database, Query } from "../database/index.ts";
import { RunNotFoundError } from "../errors/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";
import { EventStore } from "./event-store.ts";
import { follow } from "./follow.ts";
import { EventNotifier } from "./event-notifier.ts";

describeServerFirst("a reader of events", (open) => {
  test("continues after the database was not available at any of its queries", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const { id } = await runtime.start("answer", question);
    const { lastEvent } = await runtime.cancel(id);
    const run = { id, partition: 1 };

    const { database } = runtime;
    let queries = 0;
    const everySecondFails: Query = (...query) => {
      queries += 1;
      if (queries % 2 === 0) return database.query(...query);
      return Promise.reject(Object.assign(new Error("away"), { code: "ECONNREFUSED" }));
    };
    const flaky: Database = { ...database, schema: database.schema, query: everySecondFails };
    const store = new EventStore(flaky, (text) => text);
    await using notifier = new EventNotifier(database, store.channel);
    const outages: unknown[] = [];
    const onOutage = (error: unknown) => outages.push(error);
    const events = await Array.fromAsync(follow(run, store, notifier, { onOutage }));
    expect(events.map(({ number }) => number)).toEqual(
      Array.from({ length: lastEvent }, (_, index) => index + 1),
    );
    // Its events, and whether it has ended, each asked twice.
    expect(queries).toBe(4);
    expect(outages).toMatchObject([{ message: "away" }, { message: "away" }]);
  });

  test("gets an error if the run is deleted before its events are read to the end, and none after it", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const { id } = await runtime.start("answer", question);
    const { lastEvent } = await runtime.cancel(id);
    const { query, schema } = runtime.database;
    // As many as two reads give, with the end of the run as the last one.
    await query(
      `UPDATE "${schema}".events SET number = 1000 WHERE run_id = $1 AND number = ${lastEvent}`,
      [id],
    );
    await query(
      `INSERT INTO "${schema}".events (run_id, number, at, event, partition)
       SELECT id, n, now(), '{"type":"step-end","step":"s"}', partition
       FROM "${schema}".runs, generate_series(${lastEvent}, 999) AS n WHERE id = $1`,
      [id],
    );
    const cutOff = runtime.events(id);
    const complete = runtime.events(id);
    await cutOff.next();
    for (let read = 0; read < 1000; read += 1) await complete.next();
    await runtime.delete(id);
    await expect(Array.fromAsync(cutOff)).rejects.toThrow(RunNotFoundError);
    expect(await complete.next()).toEqual({ done: true, value: undefined });
  });
});
