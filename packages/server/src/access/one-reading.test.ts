import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { routeTable } from "../app.ts";
import { exchange } from "../test-support/client.ts";
import { startTestServer, type TestServer } from "../test-support/start-test-server.ts";

const key = "a-key-of-one-team-0123";
const authorization = `authorization: Bearer ${key}`;

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer({ server: { keys: [key] } });
});
afterAll(() => t[Symbol.asyncDispose]());

interface Odd {
  readonly target?: string;
  readonly method?: string;
  readonly version?: string;
  readonly headers?: readonly string[];
}

/** The lines of a request with an empty JSON object, on a connection that stays open. */
function lines({ target = "/", method = "GET", version = "1.1", headers = [] }: Odd): string[] {
  const hosts = headers.some((line) => /^host:/i.test(line)) ? [] : ["host: localhost"];
  const body = ["content-type: application/json", "content-length: 2"];
  return [`${method} ${target} HTTP/${version}`, ...hosts, ...body, ...headers, "", "{}"];
}

/** A request that ends a connection. */
const last = ["GET /healthz HTTP/1.1", "host: localhost", "connection: close", "", ""];

/** Sends requests at once on one connection, and one that ends it. Returns the statuses of all answers. */
async function statusesOf(...requests: readonly (readonly string[])[]): Promise<number[]> {
  const text = [...requests, last].map((request) => request.join("\r\n")).join("");
  const answer = await exchange(t.origin, text);
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)]
    .map(([, status]) => Number(status))
    .filter((status) => status !== 100);
}

/** Other forms of a path, which a URL parser or a decoder may change into it. */
const formsOf = (path: string): readonly string[] => [
  `/.${path}`,
  `/healthz/..${path}`,
  `/healthz/%2e%2e${path}`,
  `/healthz%2f..${path}`,
  `/healthz#/..${path}`,
  `/healthz\\..${path}`,
  `/healthz;/..${path}`,
  `/healthz/../${path}`,
  `/${path}`,
  `${path}/`,
  `${path}/.`,
  `${path}#`,
  `${path};a=b`,
  `${path}%00`,
  `${path}%20`,
  path.replace("/v1", "/v%31"),
  path.replace("/v1", "/V1"),
  path.replace("/v1/", "/v1\\"),
  path.replace("/v1/", "/v1//"),
  path.replace("/v1/", "/v1/ü/../"),
  `http://localhost${path}`,
  `http://localhost/healthz/..${path}`,
  `//localhost${path}`,
  `*${path}`,
];

const closed = routeTable.routes.filter(({ access }) => access !== "public");
const routes = closed.map(({ method, path }) => {
  return [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, "x")] as const;
});

/** The requests that are not refused, or after which the connection gives another answer than that to the last request. */
async function notRefused(requests: readonly Odd[]): Promise<unknown[]> {
  const answers = requests.map(async (request) => {
    const [status = 0, next = 200] = await statusesOf(lines(request));
    return status >= 400 && status < 500 && next === 200 ? [] : [{ request, status, next }];
  });
  return (await Promise.all(answers)).flat();
}

describe.each(routes)("%s %s has no answer without a key", (method, path) => {
  test("in another form of its path", async () => {
    const targets = [path, ...formsOf(path), `${path}?${"x".repeat(10_000)}`];
    expect(await notRefused(targets.map((target) => ({ method, target })))).toEqual([]);
  });

  test("by other methods, versions and headers", async () => {
    const requests: readonly Odd[] = [
      ...["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "QUERY", "get"].map((each) => ({
        method: each,
      })),
      { version: "1.0" },
      ...[
        [`x-http-method-override: GET`, "x-original-url: /healthz", "x-rewrite-url: /healthz"],
        ["x-forwarded-host: localhost", "x-forwarded-for: 127.0.0.1", "x-forwarded-prefix: /docs"],
        ["upgrade: websocket", "connection: upgrade, close"],
        ["upgrade: h2c", "connection: upgrade, http2-settings, close", "http2-settings: AAMAAABk"],
        ["expect: 100-continue"],
        ["origin: null"],
        ["origin: http://localhost", "origin: http://localhost"],
        ["authorization:", authorization],
        ["authorization: Bearer none", authorization],
        [authorization, "authorization: Bearer none"],
        [`proxy-${authorization}`],
        ["host: localhost", "host: localhost"],
        ["host: localhost/healthz?"],
      ].map((headers) => ({ headers })),
    ];
    const all = requests.map((request) => ({ method, target: path, ...request }));
    expect(await notRefused(all)).toEqual([]);
  });

  test("after a request with a key on the same connection", async () => {
    const statuses = await statusesOf(
      lines({ method: "GET", target: "/v1/models", headers: [authorization] }),
      lines({ method, target: path }),
    );
    expect(statuses).toEqual([200, 401, 200]);
  });
});

describe("with a key", () => {
  test.each(formsOf("/v1/models"))("GET %s is not GET /v1/models", async (target) => {
    const [status] = await statusesOf(lines({ target, headers: [authorization] }));
    expect(status).toSatisfy((each: number) => each === 400 || each === 404);
  });

  test.each([
    ["authorization", [authorization, authorization], 401],
    ["host", ["host: localhost", "host: localhost", authorization], 400],
    ["origin", ["origin: http://localhost", "origin: http://localhost", authorization], 403],
  ])("two headers %s are refused", async (_, headers, status) => {
    const statuses = await statusesOf(lines({ target: "/v1/models", headers }));
    expect(statuses).toEqual([status, 200]);
  });
});
