import { randomBytes, randomUUID } from "node:crypto";
import { openRuntime } from "@orchestra/runtime";
import { runtimeVariableNames, serverVariableNames, variables } from "@orchestra/core";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import getPort from "get-port";
import { expect, inject, test } from "vitest";
import { config, startAt } from "../test-support/run-at.ts";
import { runHere } from "../test-support/run-here.ts";
import { startCli } from "../test-support/start-cli.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

/** A secret that does not have the form of a key, so that it is removed only if it is known. */
const plant = () => randomBytes(15).toString("base64url");

const planted = {
  openRouterKey: plant(),
  header: plant(),
  portkeyKey: plant(),
  virtualKey: plant(),
  keyOfFallback: plant(),
  virtualKeyOfFallback: plant(),
  serverKey: plant(),
  databasePassword: plant(),
};
const secrets = Object.values(planted);

/** All variables that can contain a secret, except `DATABASE_URL`. */
const environmentOfSecrets = {
  OPENROUTER_API_KEY: planted.openRouterKey,
  OPENROUTER_HEADERS: JSON.stringify({ "X-Company-Token": planted.header }),
  PORTKEY_API_KEY: planted.portkeyKey,
  VIRTUAL_KEY: planted.virtualKey,
  PORTKEY_FALLBACKS: JSON.stringify([
    { provider: "openai", model: "gpt-4o", api_key: planted.keyOfFallback },
    { provider: "openai", model: "gpt-4o-mini", virtual_key: planted.virtualKeyOfFallback },
  ]),
  ORCHESTRA_SERVER_KEYS: planted.serverKey,
};

test("the environment of these tests has a test secret in each variable that can contain one", () => {
  const names = [
    ...Object.values(variables).map(({ variable }) => variable),
    ...runtimeVariableNames,
    ...serverVariableNames,
  ];
  // Other URLs are not listed: a user or a password in them is refused.
  const mayHold = /KEYS?$|SECRET|PASSWORD|HEADERS|FALLBACKS|DATABASE_URL/;
  const holding = names.filter((name) => mayHold.test(name));
  expect([...Object.keys(environmentOfSecrets), "DATABASE_URL"].toSorted()).toEqual(
    holding.toSorted(),
  );
});

/** The forms in which a text can contain a secret. */
function formsOf(secret: string): readonly string[] {
  return [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
    Array.from(secret).toReversed().join(""),
  ];
}

const echo = secrets.flatMap(formsOf).join(" ");

/** The error of a hostile or careless server, which contains all secrets. */
const refusal = (code: number) => ({
  error: { code, message: echo, metadata: { provider_name: planted.openRouterKey, raw: echo } },
});

/** Collects all output of a server and its process. */
class Said {
  text = "";

  add(text: string): void {
    this.text += `${text}\n`;
  }

  async read(response: Response): Promise<string> {
    const text = await response.text();
    this.add(`${response.status} ${JSON.stringify([...response.headers])}\n${text}`);
    return text;
  }

  /** The secrets that the output contains, by name and form. */
  get secrets(): readonly string[] {
    return Object.entries(planted).flatMap(([name, secret]) =>
      formsOf(secret).flatMap((form, index) =>
        this.text.includes(form) ? [`${name}, form ${index}`] : [],
      ),
    );
  }
}

test("no answer, log, event, metric, page or table contains a secret of the settings", async () => {
  await using folder = await temporaryFolder();
  await using sandbox = await startSandbox();
  await using database = await openWithPassword();
  const said = new Said();
  const environment = { ...environmentOf(sandbox, folder.path), ...database.environment };
  await using running = startCli(["serve", "--port", "0", "--config", config, "--grace", "1"], {
    folder: folder.path,
    environment,
  });
  const { url } = (await running.saw("server listens")) as unknown as { readonly url: string };
  const send = async (path: string, body?: object, key = planted.serverKey): Promise<string> => {
    const response = await fetch(new URL(path, url), {
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    });
    return said.read(response);
  };
  const chat = (fields: object = {}) => send("/v1/chat/completions", { ...hello, ...fields });

  expect(await chat()).toContain("chat.completion");
  expect(await chat({ stream: true })).toContain("[DONE]");
  await send("/v1/responses", { input: "Hello" });
  for (const status of [400, 401, 402, 403, 404, 429, 500, 503]) {
    sandbox.order({ fault: "status", status, body: refusal(status), times: 3 });
    await chat();
    sandbox.order({ fault: "status", status, body: echo, times: 3 });
    await chat({ stream: status % 2 === 0 });
  }
  for (const fault of ["reset", "cut", "broken-json", "error-mid-stream", "error-200"] as const) {
    sandbox.order({ fault, times: 3 });
    await chat({ stream: true });
  }
  await chat({ model: planted.openRouterKey });
  await chat({ agent_type: planted.portkeyKey });
  await send("/v1/models", undefined, `${planted.serverKey}x`);
  await send(`/v1/models/${planted.serverKey}`);
  await send(`/v1/${planted.serverKey}`);
  await follow("succeeds");
  sandbox.order({ fault: "status", status: 400, body: refusal(400), times: 3 });
  await follow("fails");
  for (const path of operational) await send(path);
  running.stop("SIGTERM");
  const { code, stdout, stderr } = await running.done;
  expect(code).toBe(0);
  said.add(stdout);
  said.add(stderr);
  said.add(await database.dump());
  expect(stderr).toContain('"level":"debug"');
  // The error of the model's server is in the output.
  expect(said.text).toContain("[redacted]");
  expect(said.secrets).toEqual([]);

  async function follow(name: string): Promise<void> {
    const headers = { authorization: `Bearer ${planted.serverKey}` };
    const id = await startAt(url, name, headers);
    const events = await send(`/v1/runs/${id}/events`);
    expect(events).toContain("event: run-end");
    await send(`/v1/runs/${id}`);
  }
});

test("an error about a database that is not available does not contain its password", async () => {
  await using folder = await temporaryFolder();
  const said = new Said();
  const { environment } = withPassword(new URL("postgresql://127.0.0.1/x"), "someone");
  const port = await getPort();
  const unreachable = environment.DATABASE_URL.replace("127.0.0.1", `127.0.0.1:${port}`);
  const { code, stdout, stderr } = await runHere(["serve", "--port", "0"], {
    folder: folder.path,
    environment: { ...environmentOfSecrets, LOG_LEVEL: "debug", DATABASE_URL: unreachable },
  });
  said.add(stdout + stderr);
  expect(code).toBe(75);
  expect(said.text).toContain("ECONNREFUSED");
  expect(said.secrets).toEqual([]);
});

const hello = { messages: [{ role: "user", content: "Hello" }] };
const operational = [
  "/healthz",
  "/readyz",
  "/metrics",
  "/openapi.json",
  "/docs",
  "/v1/limits",
  "/v1/models",
  "/v1/runs",
  ...["day", "role", "model", "key", "user", "pipeline", "status"].map(
    (by) => `/v1/usage?by=${by}`,
  ),
];

function environmentOf(sandbox: Sandbox, folder: string) {
  return {
    ...environmentOfSecrets,
    OPENROUTER_BASE_URL: sandbox.url,
    PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
    OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
    LLM_MAX_RETRIES: "0",
    LLM_RETRY_DELAY: "0.002",
    LLM_REFUSAL_MAX_DELAY: "0.01",
    LLM_REQUESTS_PER_MINUTE: "none",
    LLM_REQUESTS_PER_DAY: "none",
    LOG_LEVEL: "debug",
    LOG_PROMPTS: "true",
    SEARCHES: `${folder}/searches`,
  };
}

function withPassword(server: URL, role: string) {
  server.username = role;
  server.password = planted.databasePassword;
  return { environment: { DATABASE_URL: server.href } };
}

/** Creates a database role with the planted password, and a schema. */
async function openWithPassword() {
  const id = randomUUID().replaceAll("-", "");
  const [schema, role] = [`test_${id}`, `role_${id}`];
  const databaseUrl = inject("databaseUrl");
  const owner = await openRuntime({
    pipelines: [],
    environment: {
      DATABASE_URL: databaseUrl,
      ORCHESTRA_DATABASE_SCHEMA: schema,
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      LOG_LEVEL: "silent",
    },
  });
  const { query } = owner.database;
  await query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD '${planted.databasePassword}'`);
  const { environment } = withPassword(new URL(databaseUrl), role);
  return {
    environment: { ...environment, ORCHESTRA_DATABASE_SCHEMA: schema },
    /** Returns all rows of all tables, as text. */
    dump: async (): Promise<string> => {
      const tables = await query<{ table: string }>(
        `SELECT format('%I.%I', table_schema, table_name) AS table
         FROM information_schema.tables WHERE table_schema IN ($1, $2)`,
        [schema, `${schema}_queue`],
      );
      const rows = await Promise.all(
        tables.map(({ table }) => query<{ row: string }>(`SELECT t::text AS row FROM ${table} t`)),
      );
      return rows
        .flat()
        .map(({ row }) => row)
        .join("\n");
    },
    [Symbol.asyncDispose]: async () => {
      for (const name of [schema, `${schema}_queue`]) {
        await query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
      }
      await query(`DROP ROLE ${role}`);
      await owner.close();
    },
  };
}
