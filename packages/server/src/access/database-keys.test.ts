import { setTimeout } from "node:timers/promises";
import type { CreateKeyOptions, Database, KeyScope } from "@orchestra/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKeyText } from "../../../runtime/src/keys/key-text.ts";
import { holdLimits, openOnServer } from "@orchestra/runtime/test-support";
import { routeTable } from "../app.ts";
import type { OpenApiDocument } from "../openapi/document.ts";
import type { Route } from "../routes/route.ts";
import { serve } from "../serve.ts";
import { errorOf, exchange, hello } from "../test-support/client.ts";
import { startRunServer, type RunServer } from "../test-support/start-run-server.ts";
import { untilKeyIsKnown } from "../test-support/until-key-is-known.ts";

let t: RunServer;
let admin: string;

/** Statements that the server has sent. */
let statements = 0;

interface Operation {
  readonly security: readonly unknown[];
}

beforeAll(async () => {
  const database = await openOnServer();
  t = await startRunServer({
    database: counted(database),
    environment: { AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini"}' },
  });
  admin = await create({ name: "admin", scopes: ["admin"] });
});
afterAll(() => t[Symbol.asyncDispose]());

/** The same database, whose statements are counted. */
function counted(database: Database): Database {
  const { query } = database;
  const count: Database["query"] = (...statement) => {
    statements += 1;
    return query(...statement);
  };
  return Object.assign(database, { query: count });
}

/** Makes a key, and waits until the server knows it. */
async function create(options: CreateKeyOptions): Promise<string> {
  const { secret } = await t.runtime.keys.create(options);
  await untilKeyIsKnown(t.url, secret);
  return secret;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const get = (path: string, key: string) => fetch(t.url + path, { headers: bearer(key) });
const chat = (key: string, body: object = hello) => t.post("/chat/completions", body, bearer(key));

function send({ method, path }: Route, headers: Readonly<Record<string, string>>) {
  const url = t.url.slice(0, -"/v1".length) + path.replaceAll(/\{\w+\}/g, "none");
  return fetch(url, { method: method.toUpperCase(), headers });
}

describe("every route of the document", () => {
  const guarded = routeTable.routes.filter(({ access }) => access !== "public");

  test("is one that is looked at here", async () => {
    const response = await fetch(new URL("/openapi.json", t.url));
    const { paths = {} } = (await response.json()) as OpenApiDocument;
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item as Readonly<Record<string, Operation>>).flatMap(
        ([method, { security }]) => (security.length > 0 ? [`${method} ${path}`] : []),
      ),
    );
    expect(guarded.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
      described.toSorted(),
    );
  });

  test.each(guarded.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s takes a key with its scope, and no other",
    async (_, route) => {
      const wrong = [{}, bearer(`${admin}x`), bearer(await revokedKey()), bearer(await expired())];
      for (const headers of wrong) {
        const response = await send(route, headers);
        expect(response.status).toBe(401);
        expect(response.headers.get("www-authenticate")).toBe("Bearer");
        expect(await response.json()).toEqual(errorLike("invalid_api_key"));
      }
      const tooNarrow = route.access === "any" ? [] : [await narrowFor(route.access as KeyScope)];
      for (const key of tooNarrow) {
        const narrow = await send(route, bearer(key));
        expect(narrow.status).toBe(403);
        expect(await narrow.json()).toEqual(errorLike("key_not_allowed"));
      }
      expect([401, 403, 500]).not.toContain((await send(route, bearer(admin))).status);
    },
  );

  /** OpenAI's form of an error, with nothing else in it. */
  const errorLike = (code: string) => ({
    error: { message: expect.any(String), type: expect.any(String), param: null, code } as object,
  });

  let revoked: Promise<string> | undefined;
  const revokedKey = () => (revoked ??= revokeOne());
  async function revokeOne(): Promise<string> {
    const secret = await create({ name: "revoked" });
    await t.runtime.keys.revoke("revoked");
    while ((await get("/models/none", secret)).status !== 401) await setTimeout(5);
    return secret;
  }

  let ended: Promise<string> | undefined;
  const expired = () => (ended ??= expireOne());
  async function expireOne(): Promise<string> {
    const { secret } = await t.runtime.keys.create({ name: "expired", expiresAt: new Date(0) });
    // The server has read that one when it knows the next.
    await create({ name: "after expired" });
    return secret;
  }

  const narrowKeys = new Map<string, Promise<string>>();
  /** A key that has each other scope. */
  function narrowFor(access: KeyScope): Promise<string> {
    let key = narrowKeys.get(access);
    if (!key) {
      const scopes = (["chat", "runs:read", "runs:write"] as const).filter((s) => s !== access);
      narrowKeys.set(access, (key = create({ name: `without ${access}`, scopes })));
    }
    return key;
  }
});

test("wrong keys make no statements", async () => {
  const attempts = 400;
  const before = statements;
  for (let sent = 0; sent < attempts; sent += 20) {
    const keys = Array.from({ length: 20 }, createKeyText);
    const answers = await Promise.all(keys.map((key) => get("/runs", key)));
    for (const { status } of answers) expect(status).toBe(401);
  }
  // The server reads the keys every few seconds.
  expect(statements - before).toBeLessThan(attempts / 10);
});

test("a path that is spelt otherwise needs the same scope", async () => {
  const key = await create({ name: "chats", scopes: ["chat"] });
  for (const path of ["/v1/%72uns", "/v1/x/../runs", "//v1/runs", "/v1/runs/", "/v1/runs?x=1"]) {
    const { hostname, port } = new URL(t.url);
    const request = [`GET ${path} HTTP/1.1`, `host: ${hostname}:${port}`, "connection: close"];
    const answer = await exchange(t.url, ...request, `authorization: Bearer ${key}`, "", "");
    expect(answer).toMatch(/^HTTP\/1.1 40[34] /);
  }
});

test("a key is for its roles and its models", async () => {
  const key = await create({ name: "narrow", roles: ["writer"], models: ["openai/gpt-4o"] });
  expect((await chat(key, { ...hello, agent_type: "writer" })).status).toBe(200);
  for (const [body, problem] of [
    [{ ...hello, agent_type: "researcher" }, 'not for the role "researcher" (it is for writer)'],
    [hello, 'not for the role "general"'],
    [{ ...hello, agent_type: "writer", models: ["a/b"] }, 'not for the model "a/b"'],
    [
      { ...hello, agent_type: "writer", preset: "x" },
      "is limited to some models, and a preset may use others",
    ],
  ] as const) {
    const response = await chat(key, body);
    expect(response.status).toBe(403);
    expect((await errorOf(response)).message).toContain(problem);
  }
  const models = await create({ name: "models", models: ["openai/gpt-4o"] });
  expect((await chat(models, { ...hello, model: "openai/gpt-4o" })).status).toBe(200);
  expect((await chat(models, { ...hello, model: "openai/gpt-4o:online" })).status).toBe(403);
});

test.each([
  [{ tools: [{ type: "openrouter:advisor", parameters: {} }] }, '"openrouter:advisor"'],
  [{ tools: [{ type: "openrouter:subagent", parameters: { model: "a/b" } }] }, "subagent"],
  [{ tools: [{ type: "advisor_20260301", name: "advisor", model: "a/b" }] }, "advisor_20260301"],
  [{ tools: [{ type: "openrouter:web_search" }, { type: "openrouter:fusion" }] }, "fusion"],
  [{ plugins: [{ id: "fusion" }] }, '"fusion"'],
  [{ plugins: [{ id: "web" }, { id: "a-new-one", model: "a/b" }] }, '"a-new-one"'],
])("a key for models cannot use what may ask others: %j", async (fields, named) => {
  const key = await create({ name: `for models ${named}`, models: ["openai/gpt-4o"] });
  const response = await chat(key, { ...hello, ...fields });
  expect(response.status).toBe(403);
  const { message, code } = await errorOf(response);
  expect(code).toBe("key_not_allowed");
  expect(message).toContain(named);
  expect((await chat(admin, { ...hello, ...fields })).status).toBe(200);
});

test("a key for models can use functions, and what searches or repairs", async () => {
  const key = await create({ name: "searches", models: ["openai/gpt-4o"] });
  const tools = [{ type: "function", function: { name: "f" } }, { type: "openrouter:web_search" }];
  const plugins = [{ id: "web" }, { id: "response-healing" }];
  expect((await chat(key, { ...hello, tools, plugins })).status).toBe(200);
});

test("a key has its own rate limit, and gets the time after which it may continue", async () => {
  const { secret } = await t.runtime.keys.create({ name: "slow", requestsPerMinute: 2 });
  await expect.poll(async () => (await chat(secret)).status).toBe(200);
  expect((await chat(secret)).status).toBe(200);
  const refused = await chat(secret);
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(50);
  expect(seconds).toBeLessThanOrEqual(61);
  expect(await errorOf(refused)).toMatchObject({
    type: "rate_limit_error",
    message: "The key slow has used up its 2 requests of a minute.",
    metadata: { limit_source: "orchestra_key_requests_per_minute" },
  });
  expect((await chat(admin)).status).toBe(200);
});

test("a client that leaves while its rate is counted makes no call", async () => {
  const key = await create({ name: "hasty", requestsPerMinute: 10 });
  const calls = t.sandbox.books.entries.length;
  const limits = holdLimits(t.runtime.database);
  const controller = new AbortController();
  const headers = { ...bearer(key), "content-type": "application/json" };
  const left = fetch(`${t.url}/chat/completions`, {
    method: "POST",
    headers,
    body: JSON.stringify(hello),
    signal: controller.signal,
  }).catch(() => undefined);
  await limits.begun;
  controller.abort();
  await left;
  // The server has noticed by the time that it has answered others.
  for (let sent = 0; sent < 3; sent += 1) expect((await get("/models", admin)).status).toBe(200);
  limits.release();
  expect((await chat(key)).status).toBe(200);
  expect(t.sandbox.books.entries).toHaveLength(calls + 1);
  const metrics = await fetch(new URL("/metrics", t.url), { headers: bearer(admin) });
  expect(await metrics.text()).toContain("orchestra_active_requests 0");
});

test("a key that is revoked while its rate is counted is refused as such", async () => {
  const { id, secret } = await t.runtime.keys.create({ name: "brief", requestsPerMinute: 10 });
  await untilKeyIsKnown(t.url, secret);
  const limits = holdLimits(t.runtime.database);
  const waiting = chat(secret);
  await limits.begun;
  await t.runtime.keys.revoke(id);
  expect((await waiting).status).toBe(401);
  limits.release();
});

test("a key whose day's budget is spent is refused until the next day", async () => {
  const key = await create({ name: "poor", budget: { usdPerDay: 0.000_001 } });
  const refused = await chat(key);
  expect(refused.status).toBe(402);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  const { message, metadata } = await errorOf(refused);
  expect(message).toContain("The key's budget of $0.000001 a day does not cover this request");
  expect(metadata).toMatchObject({ limit_source: "orchestra_budget_usd_per_key_day" });
});

test("after the last key is revoked, all requests are refused, also by a server that starts later", async () => {
  await using alone = await startRunServer({ database: await openOnServer() });
  expect((await alone.get("/models")).status).toBe(200);
  const { id, secret } = await alone.runtime.keys.create({ name: "only" });
  await expect.poll(async () => (await alone.get("/models")).status).toBe(401);
  await alone.runtime.keys.revoke(id);
  const withKey = () => fetch(`${alone.url}/models`, { headers: bearer(secret) });
  await expect.poll(async () => (await withKey()).status).toBe(401);
  expect((await alone.get("/models")).status).toBe(401);
  await using restarted = await serve({
    runtime: alone.runtime,
    environment: {},
    port: 0,
    graceMs: 0,
  });
  expect((await fetch(`${restarted.url}/models`)).status).toBe(401);
});
