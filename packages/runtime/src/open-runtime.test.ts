import { randomUUID } from "node:crypto";
import { RunnableLambda } from "@langchain/core/runnables";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { DatabaseError, quoted, type Database } from "./database/index.ts";
import { openRuntime } from "./open-runtime.ts";
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

describe("a role that may not create schemas", () => {
  const role = newName();
  const url = new URL(inject("databaseUrl"));
  url.username = role;
  url.password = "test";
  beforeAll(() => server.query(`CREATE ROLE ${quoted(role)} LOGIN PASSWORD 'test'`));
  afterAll(() => server.query(`DROP ROLE ${quoted(role)}`));

  test("is told what it lacks, and who may give it", async () => {
    const error = await open(newName(), url.href).catch((thrown: unknown) => thrown);
    expect(DatabaseError.isInstance(error)).toBe(true);
    expect((error as Error).message).toContain(`The role ${role} may not create its tables`);
    expect((error as Error).message).toContain("GRANT CREATE ON DATABASE");
  });
});
