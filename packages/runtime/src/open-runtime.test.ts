import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { RunnableLambda } from "@langchain/core/runnables";
import { ArgumentError, Orchestra } from "@orchestra/core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { DatabaseError, quoted, type Database } from "./database/index.ts";
import { migrateDatabase, openRuntime } from "./open-runtime.ts";
import { definePipeline } from "./pipelines/index.ts";
import { openOnServer } from "./test-support/databases.ts";

let server: Database;
beforeAll(async () => {
  server = await openOnServer();
});
afterAll(() => server.close());

const echo = definePipeline({
  name: "echo",
  create: () => RunnableLambda.from((input: unknown) => input),
});

const newName = () => `opened_${randomUUID().slice(0, 8)}`;

const open = (schema: string, url: string = inject("databaseUrl")) =>
  openRuntime({
    pipelines: [echo],
    settings: { databaseUrl: url, databaseSchema: schema, databaseConnections: 3 },
    environment: { OPENROUTER_API_KEY: "sk-or-test" },
  });

test("runtimes open at once on a database that has nothing yet, and share it", async () => {
  const schema = newName();
  const opened = await Promise.allSettled(Array.from({ length: 10 }, () => open(schema)));
  const runtimes = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  try {
    expect(opened.filter(({ status }) => status === "rejected")).toEqual([]);
    await runtimes[0]?.work();
    const runs = await Promise.all(
      runtimes.map((runtime, task) => runtime.start("echo", { task })),
    );
    const ended = await Promise.all(runs.map(async ({ id }, index) => runtimes[index]?.wait(id)));
    expect(ended.map((run) => run?.output)).toEqual(runs.map((_, task) => ({ task })));
  } finally {
    await Promise.all(runtimes.map((runtime) => runtime.close()));
  }
});

test.each([
  [undefined, "options is missing"],
  [{}, "options.pipelines must be a list of pipelines"],
  [{ pipelines: echo }, "options.pipelines must be a list of pipelines"],
  [{ pipelines: [echo], settings: "home" }, "options.settings"],
  [{ pipelines: [echo], maxCrashes: 0 }, "options.maxCrashes"],
  [{ pipelines: [echo], onError: true }, "options.onError"],
  [{ pipelines: [null] }, "pipeline"],
])("the options %j are refused before a database is opened", async (options, problem) => {
  const opening = openRuntime(options as never);
  await expect(opening).rejects.toThrow(ArgumentError);
  await expect(opening).rejects.toThrow(problem);
});

test("an Orchestra instead of its options is refused before a database is opened", async () => {
  const orchestra = new Orchestra({ settings: { openRouterApiKey: "sk-or-test" } });
  await expect(openRuntime({ pipelines: [echo], orchestra })).rejects.toThrow(
    "openRuntime(): options.orchestra is an Orchestra: expected the options of one",
  );
});

test("a process can end after a runtime was refused because of its pipelines", async () => {
  const source = `
    import { openRuntime } from ${JSON.stringify(import.meta.resolve("./open-runtime.ts"))};
    const pipeline = { name: "echo", create: () => undefined };
    const settings = ${JSON.stringify({ databaseUrl: inject("databaseUrl"), databaseSchema: newName() })};
    await openRuntime({ pipelines: [pipeline, pipeline], settings }).catch(({ message }) => console.log(message));`;
  const options = ["--conditions=@orchestra/source", "--input-type=module", "--eval", source];
  // A process that does not end is killed, and its error fails the test.
  const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 60_000 });
  expect(stdout).toContain("Two pipelines have the same name and version");
});

describe("a role that may not create schemas", () => {
  const role = newName();
  const url = new URL(inject("databaseUrl"));
  url.username = role;
  url.password = "test";
  beforeAll(() => server.query(`CREATE ROLE ${quoted(role)} LOGIN PASSWORD 'test'`));
  afterAll(() => server.query(`DROP OWNED BY ${quoted(role)}; DROP ROLE ${quoted(role)}`));

  const refusalOf = async (schema: string) => {
    const error = await open(schema, url.href).catch((thrown: unknown) => thrown);
    expect(DatabaseError.isInstance(error)).toBe(true);
    return (error as Error).message;
  };

  test("gets an error with the missing rights, and with who can create the tables", async () => {
    const message = await refusalOf(newName());
    expect(message).toMatch(
      new RegExp(`^The role "${role}" lacks a right in the database "\\w+": permission denied`),
    );
    expect(message).toContain("GRANT CREATE ON DATABASE");
    expect(message).toContain("orchestra migrate");
  });

  test("gets an error that names each right that it lacks on a table, before a run needs it", async () => {
    const schema = newName();
    const settings = { databaseUrl: inject("databaseUrl"), databaseSchema: schema };
    await migrateDatabase({ settings });
    const all = [schema, `${schema}_queue`].map(quoted).join(", ");
    await server.query(`GRANT USAGE ON SCHEMA ${all} TO ${quoted(role)}`);
    const rights = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE";
    for (const [right, table] of [
      ["SELECT", `${schema}.usage`],
      ["INSERT", `${schema}.bookings`],
      ["UPDATE", `${schema}_queue.schedule`],
      ["DELETE", `${schema}.live`],
      ["TRUNCATE", `${schema}.journal_3`],
    ] as const) {
      await server.query(`GRANT ${rights} ON ALL TABLES IN SCHEMA ${all} TO ${quoted(role)}`);
      await server.query(`REVOKE ${right} ON ${table} FROM ${quoted(role)}`);
      expect(await refusalOf(schema)).toContain(`: it has no ${right} on ${table}. To use tables`);
    }
    await server.query(`REVOKE DELETE ON ALL TABLES IN SCHEMA ${schema} FROM ${quoted(role)}`);
    expect(await refusalOf(schema)).toMatch(
      /: it has no DELETE on \w+\.\w+ and \d+ more, no TRUNCATE on \w+\.journal_3\. To use/,
    );
  });

  test("executes runs on tables that it may use", async () => {
    const schema = newName();
    const settings = { databaseUrl: inject("databaseUrl"), databaseSchema: schema };
    await migrateDatabase({ settings });
    const schemas = [schema, `${schema}_queue`].map(quoted).join(", ");
    expect(await refusalOf(schema)).toContain(`GRANT USAGE ON SCHEMA ${schemas} TO "${role}"`);

    await server.query(`GRANT USAGE ON SCHEMA ${schemas} TO ${quoted(role)}`);
    await server.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA ${schemas} TO ${quoted(role)}`,
    );
    const errors: unknown[] = [];
    await using runtime = await openRuntime({
      pipelines: [echo],
      settings: { ...settings, databaseUrl: url.href, databaseConnections: 3 },
      environment: { OPENROUTER_API_KEY: "sk-or-test" },
      onError: (error) => errors.push(error),
    });
    const worker = await runtime.work();
    const { id } = await runtime.start("echo", { task: 1 });
    expect(await runtime.wait(id)).toMatchObject({ status: "succeeded", output: { task: 1 } });
    await expect.poll(() => worker.health.lastHeartbeatAt).toBeDefined();
    await runtime.delete(id);
    expect(errors).toEqual([]);
  });
});

test("a database that does not answer in its own statement_timeout is named, with what to do", async () => {
  const schema = newName();
  await migrateDatabase({
    settings: { databaseUrl: inject("databaseUrl"), databaseSchema: schema },
  });
  const url = new URL(inject("databaseUrl"));
  url.searchParams.set("options", "-c statement_timeout=50");
  await server.transaction(async ({ query }) => {
    await query(`LOCK TABLE ${quoted(schema)}.migrations IN ACCESS EXCLUSIVE MODE`);
    const error = await open(schema, url.href).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: "DatabaseError",
      isRetryable: true,
      message: expect.stringMatching(
        /^The database cannot be used: canceling statement due to statement timeout\. Raise the statement_timeout/,
      ),
    });
  });
});

test("a process that may not migrate makes no tables of the queue and the checkpoints either", async () => {
  const schema = newName();
  const settings = { databaseUrl: inject("databaseUrl"), databaseSchema: schema };
  await migrateDatabase({ settings });
  await server.query(`DROP SCHEMA ${quoted(`${schema}_queue`)} CASCADE`);
  const opened = openRuntime({ pipelines: [echo], settings: { ...settings, autoMigrate: false } });
  await expect(opened).rejects.toThrow(
    /lacks tables .*queue \(pg-boss, missing\)\. .*orchestra migrate/,
  );
});
