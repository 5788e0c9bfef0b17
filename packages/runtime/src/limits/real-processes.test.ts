import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@orchestra/core";
import { call, calls } from "@orchestra/core/conformance";
import { startPostgres } from "@orchestra/test-postgres";
import { expect, inject, test } from "vitest";
import { openDatabase, openPostgres } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { PostgresRateLimiter } from "./postgres-rate-limiter.ts";
import { skewed } from "./test-support/processes.ts";
import { startHolder } from "./test-support/start-holder.ts";

// Here time is real, and so are the connections, the server and the process; real-processes.long.test.ts kills one.
const timeout = 240_000;

test(
  "no window has more requests than the limit, with clocks that differ by seconds and broken connections",
  { timeout },
  async () => {
    await using first = await openOnServer();
    const name = `limits_${randomUUID().slice(0, 8)}`;
    const open = () =>
      openPostgres({
        url: `${inject("databaseUrl")}?application_name=${name}`,
        schema: first.schema,
        maxConnections: 3,
      });
    const databases = await Promise.all([1, 2, 3, 4].map(open));
    const [limit, windowMs, callCount] = [50, 500, 300];
    let outages = 0;
    const limiters = databases.map(
      (database, index) =>
        new PostgresRateLimiter({
          database,
          account: name,
          windowMs,
          limits: { requestsPerMinute: limit },
          clock: skewed(systemClock, (index - 2) * 3000),
          onOutage: () => (outages += 1),
        }),
    );
    const usedAt: number[] = [];
    // While the row is locked here, a sync is in progress: the connection breaks in the middle of it.
    const breakConnections = () =>
      first.transaction(async ({ query }) => {
        await query(`SELECT account FROM "${first.schema}".rate_limits FOR UPDATE`);
        const count = async (what: string) => {
          const rows = await query(`SELECT ${what} FROM pg_stat_activity
            WHERE application_name = '${name}' AND wait_event_type = 'Lock'`);
          return rows.length;
        };
        await expect.poll(() => count("pid"), { timeout }).toBeGreaterThan(0);
        await count("pg_terminate_backend(pid)");
      });
    await Promise.all(
      Array.from({ length: callCount }, async (_, index) => {
        const slot = await limiters[index % limiters.length]?.acquire();
        usedAt.push(performance.now());
        if (usedAt.length % 100 === 50) await breakConnections();
        await slot?.settle();
      }),
    );
    const gaps = usedAt.slice(limit).map((at, index) => at - (usedAt[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(windowMs);
    expect(usedAt).toHaveLength(callCount);
    expect(outages).toBeGreaterThan(0);
    // Changes that no call waits for are written a moment later.
    await expect
      .poll(() => limiters[0]?.state(), { timeout })
      .toMatchObject({ inFlight: 0, waiting: 0, day: { used: callCount } });
    await Promise.all(limiters.map((limiter) => limiter.close()));
    await Promise.all(databases.map((database) => database.close()));
  },
);

test(
  "the end of a request in one process starts the next one in another, by a notification",
  { timeout },
  async () => {
    await using first = await openOnServer();
    await using second = await openOnServer({ like: first });
    // Without a notification the next would only look minutes later.
    const options = { account: "a", deadAfterMs: 3_600_000 };
    await using one = new PostgresRateLimiter({
      ...options,
      database: first,
      limits: { maxConcurrency: 1 },
    });
    await using other = new PostgresRateLimiter({ ...options, database: second });
    const slot = await one.acquire();
    const waiting = call(other);
    await expect.poll(() => waiting.waits, { timeout }).toEqual([0]);
    await slot.settle();
    await expect.poll(() => waiting.slot, { timeout }).toBeDefined();
  },
);

test(
  "it does not keep a process alive, even with a slot that is never settled",
  { timeout },
  async () => {
    await using database = await openOnServer();
    const holder = startHolder(database, "a", "leave");
    holder.stdout?.resume();
    holder.disconnect();
    expect(await once(holder, "exit")).toEqual([0, null]);
  },
);

test(
  "calls wait while the server is down, and settlements of that time are written when it is back",
  { timeout: 2 * timeout },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "orchestra-limits-"));
    const server = await startPostgres({ folder: join(folder, "postgres") });
    try {
      await using database = await openDatabase({ url: server.url });
      let outages = 0;
      await using limiter = new PostgresRateLimiter({
        database,
        account: "a",
        limits: { maxConcurrency: 2, tokensPerMinute: 1000 },
        onOutage: () => (outages += 1),
      });
      const [first, second] = calls(2, limiter, { tokens: 400 });
      await Promise.all([first?.ended, second?.ended]);
      await server.stop();
      await first?.slot?.settle({ tokens: 100 });
      const caller = new AbortController();
      const [patient, hurried] = [call(limiter), call(limiter, { signal: caller.signal })];
      await expect.poll(() => outages, { timeout }).toBeGreaterThan(1);
      await expect(limiter.state()).rejects.toThrow(/ECONNREFUSED|starting up|terminated/);
      await limiter.backOff({ scope: "minute", until: systemClock.now() + 1000 });
      caller.abort("no patience");
      await expect.poll(() => hurried.error).toBe("no patience");
      expect(patient.slot).toBeUndefined();
      await server.start();
      await expect.poll(() => patient.slot, { timeout }).toBeDefined();
      expect(await limiter.state()).toMatchObject({ inFlight: 2, tokens: { remaining: 500 } });
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
