import { randomUUID } from "node:crypto";
import { openDatabase, type Database, type Run } from "@orchestra/runtime";
import { openOnServer, question } from "@orchestra/runtime/test-support";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { hello, type ErrorBody } from "../test-support/client.ts";
import { startRunServer, type RunServer } from "../test-support/start-run-server.ts";
import { untilKeyIsKnown } from "../test-support/until-key-is-known.ts";

const role = `trouble_${randomUUID().slice(0, 8)}`;
const ofSettings = "a-key-of-the-settings-0123";
const errors: unknown[] = [];
const quiet = () => undefined;
const logger = { error: (message: string) => errors.push(message), warn: quiet, info: quiet };
let admin: Database;
let t: RunServer;
let run: Run;
let secret: string;

beforeAll(async () => {
  admin = await openOnServer();
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'test'`);
  const url = new URL(inject("databaseUrl"));
  await admin.query(`GRANT CREATE ON DATABASE ${url.pathname.slice(1)} TO ${role}`);
  Object.assign(url, { username: role, password: "test" });
  t = await startRunServer({
    database: await openDatabase({ url: url.href, schema: role, maxConnections: 3 }),
    server: { keys: [ofSettings] },
    environment: { LLM_BUDGET_TOKENS_PER_DAY: "100000", LLM_REQUESTS_PER_MINUTE: "1000" },
    orchestra: { logger: { ...logger, debug: quiet } },
  });
  run = await t.runtime.start("answer", question);
  const options = { name: "team", scopes: ["admin"], requestsPerMinute: 100 } as const;
  ({ secret } = await t.runtime.keys.create(options));
  await untilKeyIsKnown(t.url, secret);
});
afterAll(async () => {
  await t[Symbol.asyncDispose]();
  await admin.query(`DROP SCHEMA ${role} CASCADE`);
  await admin.query(`DROP OWNED BY ${role}`);
  await admin.query(`DROP ROLE ${role}`);
  await admin.close();
});

/** What is done to the database while the server runs, what undoes it, and what clients and probes hear. */
const troubles = [
  {
    name: "that takes the role's rights away",
    begin: `ALTER SCHEMA ${role} OWNER TO CURRENT_USER`,
    end: `ALTER SCHEMA ${role} OWNER TO ${role}`,
    message: "refuses the server a right",
    reason: "the role lacks a right (42501)",
  },
  {
    name: "whose tables are gone",
    begin: `ALTER SCHEMA ${role} RENAME TO ${role}_gone`,
    end: `ALTER SCHEMA ${role}_gone RENAME TO ${role}`,
    message: "lacks tables",
    reason: "tables are missing (42P01)",
  },
];

/** Sends a request, and says what came of it. */
async function ask(key: string, method: string, path: string, body?: object): Promise<object> {
  errors.length = 0;
  const response = await fetch(t.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const { error } = (await response.json()) as { readonly error: ErrorBody };
  const shouldRetry = response.headers.get("x-should-retry");
  const logged = errors.filter((each) => each === "request failed");
  return { status: response.status, shouldRetry, error, logged };
}

const readiness = async (): Promise<unknown> => (await fetch(new URL("/readyz", t.url))).json();

describe.each(troubles)("a database $name", ({ begin, end, message, reason }) => {
  beforeAll(() => admin.query(begin));
  afterAll(() => admin.query(end));

  const refusal = {
    status: 503,
    shouldRetry: "false",
    error: {
      type: "server_error",
      code: "database_unusable",
      message: expect.stringContaining(message),
    },
    logged: ["request failed"],
  };

  test.each<[string, string, object?]>([
    ["GET", "/runs"],
    ["POST", "/runs", { pipeline: "answer", input: question }],
    ["GET", "/runs/{id}"],
    ["GET", "/runs/{id}/events"],
    ["DELETE", "/runs/{id}"],
    ["GET", "/usage"],
    ["GET", "/limits"],
    ["POST", "/chat/completions", hello],
    ["POST", "/chat/completions", { ...hello, stream: true }],
    ["POST", "/responses", { input: "Hello" }],
  ])("is a 503 with the reason, and is in the log: %s %s", async (method, path, body) => {
    expect(await ask(ofSettings, method, path.replace("{id}", run.id), body)).toMatchObject(
      refusal,
    );
  });

  test("is a 503 where the rate of a key cannot be counted", async () => {
    expect(await ask(secret, "GET", "/models/none")).toMatchObject(refusal);
  });

  test("is the reason in /readyz", async () => {
    await expect.poll(readiness).toMatchObject({ checks: { database: { ok: false, reason } } });
  });
});

describe("a database that refuses the login", () => {
  beforeAll(() =>
    admin.query(
      `ALTER ROLE ${role} NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`,
    ),
  );
  afterAll(() => admin.query(`ALTER ROLE ${role} LOGIN`));

  test.each(["/runs", "/runs/{id}", "/runs/{id}/artifacts", "/runs/{id}/export", "/usage"])(
    "keeps no reader waiting: GET %s",
    async (path) => {
      const answer = () => ask(ofSettings, "GET", path.replace("{id}", run.id));
      const error = { message: expect.stringContaining("refuses the server's login") };
      // A connection that was just ended says so first.
      await expect.poll(answer).toMatchObject({ status: 503, error });
    },
  );
});

test("a server is not ready while its database does not accept writes", async () => {
  await admin.query(`ALTER ROLE ${role} SET default_transaction_read_only TO on`);
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`,
  );
  const database = { ok: false, reason: "the database is read-only" };
  await expect.poll(readiness).toMatchObject({ status: "not ready", checks: { database } });
});
