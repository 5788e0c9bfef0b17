import { randomUUID } from "node:crypto";
import { describe, expect, inject, test } from "vitest";
import { describeDatabases, openOnPglite, openOnServer } from "../test-support/databases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";
import { DatabaseError } from "./database-error.ts";
import { migrate } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import { openPostgres } from "./open-postgres.ts";
import { quoted } from "./quoted.ts";
import { vacuumEmbedded } from "./vacuum-embedded.ts";

describeDatabases("a database", (open) => {
  test("keeps what a transaction wrote, and nothing of one that failed", async () => {
    await using database = await open();
    const table = `"${database.schema}".t`;
    await database.query(`CREATE TABLE ${table} (a integer)`);
    await database.transaction(({ query }) => query(`INSERT INTO ${table} VALUES (1)`));
    const failing = database.transaction(async ({ query }) => {
      await query(`INSERT INTO ${table} VALUES (2)`);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await database.query(`SELECT a FROM ${table}`)).toEqual([{ a: 1 }]);
  });

  test("notifies listeners of committed notifications only", async () => {
    await using database = await open();
    const received: string[] = [];
    const channel = `${database.schema}_news`;
    const subscription = database.listen(channel, (payload) => received.push(payload));
    await subscription.begun;
    await database
      .transaction(async ({ notify }) => {
        await notify(channel, "undone");
        throw new Error("no");
      })
      .catch(() => undefined);
    await database.transaction(({ notify }) => notify(channel, "in a transaction"));
    await database.notify(channel, "alone");
    await expect.poll(() => received).toEqual(["in a transaction", "alone"]);
    await subscription[Symbol.asyncDispose]();
    await database.notify(channel, "to no one");
    expect(received).toHaveLength(2);
  });

  test("migrates once, however many start at once", async () => {
    await using database = await open();
    await Promise.all(Array.from({ length: 10 }, () => migrate(database)));
    const steps = await database.query(`SELECT id FROM "${database.schema}".migrations`);
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
  });

  test("refuses a database that a newer version has changed, unless the change breaks nothing", async () => {
    await using database = await open();
    const insert = `INSERT INTO "${database.schema}".migrations (id, name, is_breaking) VALUES`;
    await database.query(`${insert} (9998, 'future', false)`);
    expect(await migrate(database)).toEqual([]);
    await database.query(`${insert} (9999, 'farther', NULL)`);
    await expect(migrate(database)).rejects.toThrow(
      /breaking migration 9999 \(farther, applied .*Update the @orchestra packages/,
    );
  });

  test("does exclusive work one at a time", async () => {
    await using database = await open();
    let inside = 0;
    const work = async () => {
      inside += 1;
      expect(inside).toBe(1);
      await database.query("SELECT 1");
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => database.exclusively("migrate", work)));
    expect(inside).toBe(0);
  });
});

describe("a database on a server", () => {
  test("returns the same values if its sessions have other formats of dates and texts", async () => {
    const url = new URL(inject("databaseUrl"));
    url.searchParams.set("options", "-c datestyle=SQL,DMY -c standard_conforming_strings=off");
    await using database = await openPostgres({ url: url.href, schema: "none", maxConnections: 1 });
    const [row] = await database.query(
      String.raw`SELECT timestamptz '2026-01-02 03:04:05Z' AS at, '\d' AS text`,
    );
    expect(row).toEqual({ at: new Date("2026-01-02T03:04:05Z"), text: String.raw`\d` });
  });

  test("receives notifications again after the server has dropped its connections", async () => {
    await using database = await openOnServer();
    const received: string[] = [];
    let reconnects = 0;
    const channel = `${database.schema}_news`;
    const { begun } = database.listen(
      channel,
      (payload) => received.push(payload),
      () => (reconnects += 1),
    );
    await begun;
    await using other = await openOnServer({ like: database });
    await other.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN "${database.schema}%'`,
    );
    await expect.poll(() => reconnects).toBe(1);
    await other.notify(channel, "back");
    await expect.poll(() => received).toEqual(["back"]);
  });

  test("starts ten times at once on tables that are not there", async () => {
    await using first = await openOnServer();
    await first.query(`DROP SCHEMA "${first.schema}" CASCADE`);
    const others = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const database = await openOnServer({ like: first });
        await migrate(database);
        return database;
      }),
    );
    const steps = await first.query(`SELECT id FROM "${first.schema}".migrations`);
    expect(steps.length).toBeGreaterThan(0);
    await Promise.all(others.map((database) => database.close()));
  });
});

describe("openDatabase", () => {
  test.each([
    [
      "postgresql://user:secret@127.0.0.1:1/none",
      /^The database at 127\.0\.0\.1:1\/none cannot be used: .+ its URL \(DATABASE_URL, --database-url or/,
    ],
    ["nonsense", /^The URL of the database is not a URL/],
  ])("reports what is wrong with %s, without the password", async (url, message) => {
    const error = await openDatabase({ url }).catch((thrown: unknown) => thrown);
    expect(DatabaseError.isInstance(error)).toBe(true);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain("secret");
  });

  test.each(["", "Runs", 'a"b', "with.dot", "pg_runs", "a".repeat(45)])(
    "refuses the schema %j before it makes any table",
    async (schema) => {
      const url = inject("databaseUrl");
      await expect(openDatabase({ url, schema })).rejects.toThrow(
        /^openDatabase\(\): options\.schema must be of lower-case letters/,
      );
    },
  );

  test("reports the encoding of a database that cannot store all characters, and the required one", async () => {
    const url = inject("databaseUrl");
    const name = `latin_${randomUUID().slice(0, 8)}`;
    await using admin = await openOnServer();
    await admin.query(
      `CREATE DATABASE ${name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    );
    try {
      await expect(openDatabase({ url: new URL(`/${name}`, url).href })).rejects.toThrow(
        `The database "${name}" stores text as LATIN1`,
      );
    } finally {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  });

  test("reports a server that does not accept writes, as a temporary error", async () => {
    const url = new URL(inject("databaseUrl"));
    url.searchParams.set("options", "-c default_transaction_read_only=on");
    const error = await openDatabase({ url: url.href }).catch((thrown: unknown) => thrown);
    expect(DatabaseError.isInstance(error) && error.isRetryable).toBe(true);
    expect((error as Error).message).toContain(
      `at ${url.host}${url.pathname} does not accept writes`,
    );
  });
});

test("an embedded database holds a run, which ends as on a server", async () => {
  await using t = await startTestRuntime({ database: await openOnPglite() });
  await t.runtime.work();
  const { id } = await t.runtime.start("answer", question);
  expect(await t.runtime.wait(id)).toMatchObject({ status: "succeeded", executions: 1 });
  expect(t.errors).toEqual([]);
});

test("an embedded database does not grow with runs that were deleted", async () => {
  await using database = await openOnPglite();
  const table = `${quoted(database.schema)}.events`;
  const sizeAfterRound = async () => {
    await database.query(
      `INSERT INTO ${table} (run_id, number, at, event)
       SELECT 'run', n, now(), json_build_object('type', 'step-end', 'step', repeat('x', 200))
       FROM generate_series(1, 500) AS n`,
    );
    await database.query(`DELETE FROM ${table}`);
    await vacuumEmbedded(database);
    const [size] = await database.query<{ bytes: string }>(
      "SELECT pg_total_relation_size($1::regclass) AS bytes",
      [table],
    );
    return Number(size?.bytes);
  };
  // Pages of an index are used again by the round after the next.
  const sizes: number[] = [];
  for (let round = 1; round <= 8; round += 1) sizes.push(await sizeAfterRound());
  expect(sizes.at(-1)).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 4)));
});
