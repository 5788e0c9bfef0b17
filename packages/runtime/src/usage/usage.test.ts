import { randomUUID } from "node:crypto";
import type { CallRecord, OrchestraEvent } from "@orchestra/core";
import { expect, test } from "vitest";
import { quoted, type Database } from "../database/index.ts";
import { noUsage } from "../runs/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { forgetOldUsage, sumUsage, UsageCounter, type UsageKey } from "./index.ts";
import { other, type Line } from "./usage-lines.ts";
import { writeUsage } from "./write-usage.ts";

const day = "2026-11-28";
const since = new Date(`${day}T12:00:00Z`);
const line: Line = {
  ...noUsage,
  day,
  keyId: "",
  role: "general",
  model: "a/b",
  user: "",
  calls: 1,
  attempts: 2,
  promptTokens: 10,
  costUsd: 0.1,
};

async function callsBy(database: Database, by: UsageKey, from = since) {
  const lines = await sumUsage(database, { by, since: from });
  return Object.fromEntries(lines.map(({ name, calls }) => [name, calls]));
}

/** The end of a call that was asked for at noon. */
function callEnd(fields: Partial<CallRecord>): OrchestraEvent {
  const record = { ...line, attempts: [], startedAt: `${day}T12:00:00.000Z`, ...fields };
  return { type: "call-end", record } as unknown as OrchestraEvent;
}

function fail(error: unknown): never {
  throw error;
}

describeServerFirst("the usage of calls", (open) => {
  test("is summed up over all processes by each of its names", async () => {
    await using database = await open();
    const batches = [{ user: "ada" }, { user: "ada", model: "c/d" }, { role: "writer" }];
    for (const fields of batches) {
      const lines = [{ ...line, ...fields }, line];
      await writeUsage(database, { writer: randomUUID(), number: 1, lines });
    }
    expect(await callsBy(database, "day")).toEqual({ [day]: 6 });
    expect(await callsBy(database, "role")).toEqual({ general: 5, writer: 1 });
    expect(await callsBy(database, "model")).toEqual({ "a/b": 5, "c/d": 1 });
    expect(await callsBy(database, "key")).toEqual({ "(no key)": 6 });
    expect(await callsBy(database, "user")).toEqual({ "(no user)": 4, ada: 2 });
    const [sum] = await sumUsage(database, { by: "day", since });
    expect(sum).toMatchObject({ calls: 6, attempts: 12, promptTokens: 60, costUsd: 0.6 });
    expect(await callsBy(database, "day", new Date(`${day}T24:00:00Z`))).toEqual({});
    const ofKey = { by: "day", since, keyId: "k" } as const;
    expect(await sumUsage(database, ofKey)).toEqual([]);
  });

  test("keeps a bounded number of lines of a day and a key", async () => {
    await using database = await open();
    const writer = randomUUID();
    let number = 0;
    const write = (fields: Partial<Line>) =>
      writeUsage(database, { writer, number: (number += 1), lines: [{ ...line, ...fields }] }, 3);
    for (const user of ["a", "b", "c", "d", "e", "a"]) await write({ user });
    expect(await callsBy(database, "user")).toEqual({ a: 2, b: 1, c: 1, [other]: 2 });
    for (const model of ["1", "2", "3", "4", "5"]) await write({ model });
    expect(await callsBy(database, "model")).toEqual({ "a/b": 6, 1: 1, 2: 1, [other]: 3 });
    await write({ user: "d", keyId: "k" });
    expect(await callsBy(database, "user")).toMatchObject({ d: 1 });
  });

  test("is counted once where the answer to a statement got lost, and after an outage", async () => {
    await using database = await open();
    let failures = 2;
    const query: Database["query"] = async (...statement) => {
      if (failures === 1) await database.query(...statement);
      failures -= 1;
      if (failures >= 0) throw Object.assign(new Error("gone"), { code: "ECONNRESET" });
      return database.query(...statement);
    };
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    {
      await using counter = new UsageCounter({ database: { ...database, query }, onError });
      for (let calls = 0; calls < 5; calls += 1) counter.listen(callEnd({ user: "ada" }));
    }
    expect(failures).toBeLessThan(0);
    expect(errors).toHaveLength(2);
    expect(await callsBy(database, "user")).toEqual({ ada: 5 });
  });

  test("is corrected where a cost becomes known later", async () => {
    await using database = await open();
    const key = { id: "k", name: "team" };
    {
      await using counter = new UsageCounter({ database, onError: fail });
      counter.listen(callEnd({ user: "ada", key, costUsd: 0, unknownCostAttempts: 1 }));
    }
    {
      await using counter = new UsageCounter({ database, onError: fail });
      const call = { startedAt: `${day}T12:00:00.000Z`, user: "ada", key };
      const missing = { ...noUsage, costUsd: 0.5, unknownCostAttempts: -1 };
      const late = { type: "reconcile", role: "general", model: "a/b", call, missing };
      counter.listen(late as unknown as OrchestraEvent);
    }
    const [sum, ...rest] = await sumUsage(database, { by: "user", since, keyId: "k" });
    expect(rest).toEqual([]);
    expect(sum).toMatchObject({ name: "ada", calls: 1, costUsd: 0.5, unknownCostAttempts: 0 });
  });

  test("has no secret, and no text that the database cannot store", async () => {
    await using database = await open();
    const secret = "sk-or-v1-the-key-of-a-user";
    {
      await using counter = new UsageCounter({ database, onError: fail });
      const odd = { user: `${secret}\0\uD800`, model: `${secret} ${"m".repeat(5000)}` };
      counter.listen(callEnd(odd));
    }
    expect(await callsBy(database, "user")).toEqual({ "sk-[redacted]\uFFFD\uFFFD": 1 });
    const [model = ""] = Object.keys(await callsBy(database, "model"));
    expect(model).toMatch(/^sk-\[redacted\] m+$/);
    expect(model).toHaveLength(256);
  });

  test("is kept as long as runs, and for 31 days at least", async () => {
    await using database = await open();
    const daysAgo = (days: number) =>
      new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
    const lines = [30, 33, 50].map((days) => ({ ...line, day: daysAgo(days) }));
    await writeUsage(database, { writer: randomUUID(), number: 1, lines });
    const kept = async () => Object.keys(await callsBy(database, "day", new Date(0)));
    await forgetOldUsage(database, 40 * 86_400_000);
    expect(await kept()).toEqual([daysAgo(30), daysAgo(33)]);
    await forgetOldUsage(database, 1000);
    expect(await kept()).toEqual([daysAgo(30)]);
    const writers = `SELECT id FROM ${quoted(database.schema)}.usage_writers`;
    expect(await database.query(writers)).toHaveLength(1);
  });
});
