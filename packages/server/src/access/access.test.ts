import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { SettingsError } from "@orchestra/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveServerSettings } from "../server-settings.ts";
import { errorOf, exchange, hello, post } from "../test-support/client.ts";
import { startTestServer, type TestServer } from "../test-support/start-test-server.ts";
import { Clients } from "./clients.ts";
import { isLoopback } from "./is-loopback.ts";

const keys = ["a-key-of-one-team-0123", "a-key-of-another-team-0123"];
const page = "https://chat.example.com";

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer({
    server: { keys, allowedHosts: ["llm.example.com"], allowedOrigins: [page] },
  });
});
afterAll(() => t[Symbol.asyncDispose]());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe("keys", () => {
  test.each(keys)("each of them is taken: %s", async (key) => {
    expect((await post(t.url, hello, { headers: bearer(key) })).status).toBe(200);
  });

  test.each([
    ["none", {}],
    ["a wrong one", bearer("a-key-of-one-team-0124")],
    ["the start of one", bearer("a-key-of-one-team")],
    ["one with more behind it", bearer("a-key-of-one-team-01234")],
    ["two at once", bearer(keys.join(","))],
    ["another scheme", { authorization: `Basic ${btoa(`user:${keys[0]}`)}` }],
    ["another header", { "x-api-key": "a-key-of-one-team-0123" }],
  ])("%s is refused, and not shown", async (_, headers) => {
    const before = t.sandbox.books.entries.length;
    const response = await post(t.url, hello, { headers: { ...headers } });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: "invalid_api_key" } });
    for (const key of keys) expect(text).not.toContain(key);
    expect(t.sandbox.books.entries).toHaveLength(before);
  });

  test.each(["/v1/models", "/v1/models/agent:general", "/v1/responses", "/v1/none", "/"])(
    "%s takes one",
    async (path) => {
      expect((await fetch(t.origin + path)).status).toBe(401);
      const withKey = await fetch(t.origin + path, { headers: bearer(keys[0] as string) });
      expect(withKey.status).not.toBe(401);
    },
  );

  test.each(["/healthz", "/readyz"])("%s takes none", async (path) => {
    expect((await fetch(t.origin + path)).status).toBe(200);
  });

  test("are required where other machines can reach the server", async () => {
    for (const host of ["0.0.0.0", "::", "llm.example.com"]) {
      const start = startTestServer({ server: { host } });
      await expect(start).rejects.toThrow(SettingsError);
      await expect(start).rejects.toThrow(
        /ORCHESTRA_SERVER_KEYS is not set, and other machines can reach/,
      );
    }
  });

  test("are in no text of the settings", () => {
    const settings = resolveServerSettings({}, { ORCHESTRA_SERVER_KEYS: keys.join(", ") });
    expect(settings.keys).toEqual(keys);
    expect(JSON.stringify(settings)).not.toContain(keys[0]);
    const short = () => resolveServerSettings({}, { ORCHESTRA_SERVER_KEYS: "secret-short" });
    expect(short).toThrow(/ORCHESTRA_SERVER_KEYS.*16 to 256 characters/);
    expect(short).not.toThrow(/secret-short/);
  });
});

test("a request whose key was not checked may use public routes only", () => {
  const client = new Clients().of(new IncomingMessage(new Socket()));
  client.requireScope("public");
  for (const access of ["any", "chat", "runs:read", "runs:write", "admin"] as const) {
    expect(() => client.requireScope(access)).toThrow("The request has no key.");
  }
});

describe("hosts", () => {
  const get = (host: string, path = "/healthz") =>
    exchange(t.origin, `GET ${path} HTTP/1.1`, `host: ${host}`, "connection: close", "", "");

  test.each(["localhost", "127.0.0.1:8080", "[::1]:8080", "LLM.example.com", "llm.example.com:1"])(
    "%s is answered",
    async (host) => {
      expect(await get(host)).toMatch(/^HTTP\/1.1 200 /);
    },
  );

  test.each(["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil", "0"])(
    "%s is refused: a page of that name would read the answers",
    async (host) => {
      const answer = await get(host);
      expect(answer).toMatch(/^HTTP\/1.1 421 /);
      expect(answer).toContain('"code":"host_not_allowed"');
    },
  );

  test("one that would change the path of the request is refused", async () => {
    // In a URL, this name is longer by the text after it: Hono's server compares only the lengths.
    const end = "/v1/chat/completions?query.localhost";
    const host = "%C3%BC.".repeat(end.length) + end;
    const body = JSON.stringify(hello);
    const before = t.sandbox.books.entries.length;
    const answer = await exchange(
      t.origin,
      "POST /healthz HTTP/1.1",
      `host: ${host}`,
      "content-type: application/json",
      `content-length: ${body.length}`,
      "connection: close",
      "",
      body,
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 [^]*Host header/);
    expect(t.sandbox.books.entries).toHaveLength(before);
  });

  test.each([
    "",
    ":80",
    "a b",
    "a/b.localhost",
    "a?.localhost",
    "u@localhost",
    "[::1",
    "ü.localhost",
    "localhost:",
    "localhost:65536",
  ])("%j is not a host, for all routes", async (host) => {
    expect(await get(host)).toMatch(/^HTTP\/1.1 400 /);
    expect(await get(host, "/metrics")).toMatch(/^HTTP\/1.1 400 /);
  });

  test("a request without one is refused", async () => {
    const answer = await exchange(t.origin, "GET /healthz HTTP/1.1", "connection: close", "", "");
    expect(answer).toMatch(/^HTTP\/1.1 400 [^]*no Host header/);
  });
});

describe("origins", () => {
  const from = (origin: string) =>
    post(t.url, hello, { headers: { origin, ...bearer(keys[0] as string) } });

  test("pages of the server and of the allowed origins may call it", async () => {
    const own = await from(t.origin);
    expect([own.status, own.headers.get("access-control-allow-origin")]).toEqual([200, null]);
    const other = await from(page);
    expect(other.status).toBe(200);
    expect(other.headers.get("access-control-allow-origin")).toBe(page);
  });

  test.each([{}, { origin: page }, { origin: "https://evil.example" }])(
    "caches keep the answers to %j apart from those to others",
    async (headers) => {
      for (const path of ["/docs", "/none", "/v1/chat/completions"]) {
        const response = await fetch(t.origin + path, { headers });
        expect(response.headers.get("vary")).toBe("origin");
      }
    },
  );

  test.each(["https://evil.example", "null", "http://localhost:3000", `${page}.evil`])(
    "%s may not",
    async (origin) => {
      const response = await from(origin);
      expect(response.status).toBe(403);
      expect(await errorOf(response)).toMatchObject({ code: "origin_not_allowed" });
    },
  );

  test("a browser that asks first needs no key, and gets what its page may send", async () => {
    const ask = (origin: string) =>
      fetch(`${t.url}/chat/completions`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,content-type",
        },
      });
    const allowed = await ask(page);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("access-control-allow-headers")).toBe("authorization,content-type");
    expect((await ask("https://evil.example")).status).toBe(403);
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.3.2.1", true],
  ["::1", true],
  ["[::1]", true],
  ["localhost", true],
  ["a.localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["example.com", false],
  ["localhost.example", false],
])("only this machine reaches %s: %s", (host, isOfThisMachine) => {
  expect(isLoopback(host)).toBe(isOfThisMachine);
});
