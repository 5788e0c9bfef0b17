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
  test("costs a run that is under way nothing but time", async () => {
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
    // Who watched it meanwhile has missed nothing, and nothing twice.
    const numbers = (await watched).flatMap(({ number }) => number ?? []);
    expect(numbers).toEqual(Array.from({ length: ended.lastEvent }, (_, index) => index + 1));

    const next = await runtime.start("answer", question);
    expect(await runtime.wait(next.id)).toMatchObject({ status: "succeeded", worker: "worker" });
  });

  test("leaves alone who waits, and whoever comes meanwhile is served later", async () => {
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

describe("a database that takes no writes for a while, as at a failover", () => {
  test("costs a run that is under way nothing but time", async () => {
    await using t = await startTestRuntime({ database: await openDatabase({ url: server.url }) });
    const { runtime, sandbox, errors } = t;
    const worker = await runtime.work();
    const setReadOnly = async (value: "on" | "off") => {
      await using admin = await openPostgres({ ...server, schema: "none", maxConnections: 1 });
      await admin.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
      await admin.query("SELECT pg_reload_conf()");
    };
    // Answers arrive while nothing can be written down.
    const readOnly = Promise.withResolvers<void>();
    sandbox.order({ fault: "slow", until: readOnly.promise, after: 2, times: 1 });
    const run = await runtime.start("answer", question);
    await expect.poll(() => sandbox.books.entries.length).toBe(3);
    await setReadOnly("on");
    readOnly.resolve();
    await expect.poll(() => worker.health.state).toBe("waiting");
    expect(worker.health.reason).toMatch(/read-only/);
    await setReadOnly("off");

    const ended = await runtime.wait(run.id);
    expect(ended).toMatchObject({ status: "succeeded", executions: 1 });
    expect(sandbox.books.entries).toHaveLength(4);
    const events = await Array.fromAsync(runtime.events(run.id));
    expect(events.filter(({ type }) => type === "run-lost")).toEqual([]);
    await expect.poll(() => worker.health.state).toBe("working");
    expect(errors.filter((error) => !isOutage(error))).toEqual([]);
  });
});
