import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, type PostgresServer } from "@orchestra/test-postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isOutage, openDatabase, openPostgres } from "../database/index.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

let folder: string;
let server: PostgresServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orchestra-outage-"));
  server = await startPostgres({ folder: join(folder, "postgres") });
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

describe("a database that restarts", () => {
  test("costs a run that is in progress nothing but time", async () => {
    await using t = await startTestRuntime({ database: await openDatabase({ url: server.url }) });
    const { runtime, sandbox } = t;
    await runtime.work({ name: "worker" });
    // The validator's call is answered while there is no database to keep the answer.
    const away = Promise.withResolvers<void>();
    sandbox.order({ fault: "slow", until: away.promise, after: 2, times: 1 });
    const run = await runtime.start("answer", question);
    const watched = Array.fromAsync(runtime.events(run.id));
    await expect.poll(() => sandbox.books.entries.length).toBe(3);
    await server.stop();
    away.resolve();
    const answered = () => sandbox.books.entries.filter(({ endedAt }) => endedAt !== undefined);
    await expect.poll(() => answered().length).toBe(3);
    await server.start();

    const ended = await runtime.wait(run.id);
    expect(ended).toMatchObject({ status: "succeeded", executions: 1 });
    expect(sandbox.books.entries).toHaveLength(4);
    const { promptTokens, completionTokens } = sandbox.books.totals();
    expect(ended.usage).toMatchObject({ calls: 4, promptTokens, completionTokens });
    // Who watched it in the meantime has missed nothing, and nothing twice.
    const numbers = (await watched).flatMap(({ number }) => number ?? []);
    expect(numbers).toEqual(Array.from({ length: ended.lastEvent }, (_, index) => index + 1));

    const next = await runtime.start("answer", question);
    expect(await runtime.wait(next.id)).toMatchObject({ status: "succeeded", worker: "worker" });
  });

  test("does not disturb callers that wait, and serves calls that arrive in the meantime later", async () => {
    await using t = await startTestRuntime({ database: await openDatabase({ url: server.url }) });
    const { runtime } = t;
    await runtime.work();
    const waiting = await runtime.start("answer", question, { approval: true });
    await expect.poll(async () => (await runtime.get(waiting.id)).status).toBe("waiting");
    await server.stop();
    const early = runtime.start("answer", question);
    await expect(early).rejects.toThrow(/ECONNREFUSED|terminat/);
    const asked = runtime.get(waiting.id);
    await server.start();
    expect((await asked).status).toBe("waiting");
    await runtime.approve(waiting.id);
    expect(await runtime.wait(waiting.id)).toMatchObject({ status: "succeeded", executions: 2 });
  });
});

/** Statements that begin an outage, and end it, and what workers say of it. */
const troubles: readonly (readonly [string, readonly string[], readonly string[], RegExp])[] = [
  [
    "does not accept writes for a while, as at a failover",
    ["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"],
    ["ALTER SYSTEM SET default_transaction_read_only = off", "SELECT pg_reload_conf()"],
    /read-only/,
  ],
  [
    "refuses the role for a while, as during a change of its password",
    [
      "ALTER ROLE worker NOLOGIN",
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'worker'",
    ],
    ["ALTER ROLE worker LOGIN"],
    /not permitted to log in|terminat/,
  ],
];

describe.each(troubles)("a database that %s", (_, begin, end, reason) => {
  test("costs a run that is in progress nothing but time", async () => {
    const administrate = async (...statements: readonly string[]) => {
      await using admin = await openPostgres({ ...server, schema: "none", maxConnections: 1 });
      for (const statement of statements) await admin.query(statement);
    };
    await administrate("DROP ROLE IF EXISTS worker", "CREATE ROLE worker SUPERUSER LOGIN");
    const url = new URL(server.url);
    url.username = "worker";
    await using t = await startTestRuntime({ database: await openDatabase({ url: url.href }) });
    const { runtime, sandbox, errors } = t;
    const worker = await runtime.work();
    // Answers arrive while nothing can be written down.
    const away = Promise.withResolvers<void>();
    sandbox.order({ fault: "slow", until: away.promise, after: 2, times: 1 });
    const run = await runtime.start("answer", question);
    await expect.poll(() => sandbox.books.entries.length).toBe(3);
    await administrate(...begin);
    away.resolve();
    await expect.poll(() => worker.health.state).toBe("waiting");
    expect(worker.health.reason).toMatch(reason);
    await administrate(...end);

    const ended = await runtime.wait(run.id);
    expect(ended).toMatchObject({ status: "succeeded", executions: 1 });
    expect(sandbox.books.entries).toHaveLength(4);
    const events = await Array.fromAsync(runtime.events(run.id));
    expect(events.filter(({ type }) => type === "run-lost")).toEqual([]);
    await expect.poll(() => worker.health.state).toBe("working");
    expect(errors.filter((error) => !isOutage(error))).toEqual([]);
  });
});

test("a worker reports that it waits if only a run cannot write, as on a full disk", async () => {
  await using t = await startTestRuntime({ database: await openDatabase({ url: server.url }) });
  const { runtime } = t;
  const told: unknown[] = [];
  const worker = await runtime.work({ onOutage: (error) => told.push(error) });
  const { query } = runtime.database;
  await query(
    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'; END $$",
  );
  await query(
    "CREATE TRIGGER full_disk BEFORE INSERT ON orchestra.journal_1 FOR EACH ROW EXECUTE FUNCTION full_disk()",
  );
  const run = await runtime.start("answer", question);
  await expect.poll(() => worker.health.state).toBe("waiting");
  expect(worker.health.reason).toBe("the disk is full");
  await query("DROP FUNCTION full_disk CASCADE");
  expect(await runtime.wait(run.id)).toMatchObject({ status: "succeeded", executions: 1 });
  expect(worker.health.state).toBe("working");
  expect(told).toHaveLength(1);
});

test("a worker reports that it cannot use a database without its tables", async () => {
  await using t = await startTestRuntime({ database: await openDatabase({ url: server.url }) });
  const { runtime, errors } = t;
  const worker = await runtime.work();
  await runtime.database.query("ALTER SCHEMA orchestra_queue RENAME TO gone");
  worker.wake();
  await expect.poll(() => worker.health.state).toBe("waiting");
  expect(worker.health.reason).toMatch(/orchestra_queue/);
  worker.wake();
  await runtime.database.query("ALTER SCHEMA gone RENAME TO orchestra_queue");
  worker.wake();
  await expect.poll(() => worker.health.state).toBe("working");
  const texts = errors.map(String);
  expect(texts).toEqual([...new Set(texts)]);
});
