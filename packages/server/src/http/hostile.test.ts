import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo, errorOf, exchange, hello, post } from "../test-support/client.ts";
import { startTestServer, type TestServer } from "../test-support/start-test-server.ts";

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer({ server: { maxBodyBytes: 4096 } });
});
afterAll(() => t[Symbol.asyncDispose]());

const path = "/chat/completions";

function send(body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  return fetch(t.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

describe("bodies", () => {
  test.each([
    ["empty", "", "invalid_json", /it is empty/],
    ["cut off", '{"messages":[', "invalid_json", /not valid JSON/],
    ["no object", "[]", "invalid_request", /not a JSON object/],
    ["null", "null", "invalid_request", /not a JSON object/],
    ["nested deeply", `{"messages":${nested(1000)}}`, "invalid_request", /nested more than/],
    ["without messages", "{}", "invalid_request", /messages/],
    ["UTF-16", Buffer.from('\u{FEFF}{"a":1}', "utf16le"), "invalid_json", /not in UTF-8/],
    ["Latin-1", Buffer.from('{"a":"été"}', "latin1"), "invalid_json", /not in UTF-8/],
  ])("that are %s are refused", async (_, body, code, message) => {
    const response = await send(body);
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    expect(error).toMatchObject({ type: "invalid_request_error", code });
    expect(error.message).toMatch(message);
  });

  test("with a secret in broken JSON are not quoted", async () => {
    const response = await send('{"messages": sk-or-v1-secret-0123456789}');
    expect(await response.text()).not.toContain("secret");
  });

  test("that are too large are refused by their length, before they are sent", async () => {
    using connection = connectTo(t.origin);
    const { socket } = connection;
    const head = [
      `POST /v1${path} HTTP/1.1`,
      "host: localhost",
      "content-type: application/json",
      "expect: 100-continue",
      "content-length: 1000000000",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    const answer = await connection.received("request_too_large");
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  test("that become too large without a content-length are refused, with the reason", async () => {
    const response = await fetch(t.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Blob([`{"messages":"${"x".repeat(1_000_000)}"}`]).stream(),
      duplex: "half",
    });
    expect(response.status).toBe(413);
    expect((await errorOf(response)).message).toContain("4096 bytes");
  });

  test("that begin with a byte order mark are read", async () => {
    const response = await send(`\u{FEFF}${JSON.stringify(hello)}`);
    expect(response.status).toBe(200);
  });

  test.each(["identity", "Identity"])("that name their encoding %s are read", async (encoding) => {
    const response = await send(JSON.stringify(hello), {
      "content-type": "application/json",
      "content-encoding": encoding,
    });
    expect(response.status).toBe(200);
  });

  test("that a client is asked for are read", async () => {
    const body = JSON.stringify(hello);
    const answer = await exchange(
      t.origin,
      `POST /v1${path} HTTP/1.1`,
      "host: localhost",
      "content-type: application/json; charset=utf-8",
      "expect: 100-continue",
      "connection: close",
      `content-length: ${body.length}`,
      "",
      body,
    );
    expect(answer).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /);
  });

  test.each([
    ["text/plain", undefined],
    ["application/x-www-form-urlencoded", undefined],
    ["application/json", "gzip"],
  ])("of the type %s, %s encoded, are refused", async (type, encoding) => {
    const headers = { "content-type": type, ...(encoding ? { "content-encoding": encoding } : {}) };
    const response = await send(JSON.stringify(hello), headers);
    expect(response.status).toBe(415);
  });
});

describe("requests", () => {
  test.each([
    ["GET", `/v1${path}`, 405, "method_not_allowed"],
    ["DELETE", "/v1/models", 405, "method_not_allowed"],
    ["GET", "/v1/responses", 405, "method_not_allowed"],
    ["POST", "/v1/completions", 404, "not_found"],
    ["GET", "/v1/../../etc/passwd", 404, "not_found"],
    ["GET", "/%00", 404, "not_found"],
    ["GET", "//v1/models", 404, "not_found"],
    ["TRACE", "/", 404, "not_found"],
  ])("%s %s is refused in OpenAI's form", async (method, path, status, code) => {
    const answer = await exchange(
      t.origin,
      `${method} ${path} HTTP/1.1`,
      "host: localhost",
      "connection: close",
      "",
      "",
    );
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
  });

  test.each([
    ["that are none", ["hello", "", ""], 400],
    [
      "with two lengths",
      ["POST / HTTP/1.1", "content-length: 1", "content-length: 2", "", ""],
      400,
    ],
    [
      "with a length and chunks",
      ["POST / HTTP/1.1", "host: a", "content-length: 1", "transfer-encoding: chunked", "", ""],
      400,
    ],
    ["with endless headers", ["GET / HTTP/1.1", `x: ${"y".repeat(20_000)}`, "", ""], 431],
  ])("%s are refused in OpenAI's form", async (_, lines, status) => {
    const answer = await exchange(t.origin, ...lines);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('"code":"invalid_http_request"');
  });

  test.each(["hello\r\n\r\n", "GET / HTTP/1.1\r\nx y: z\r\n\r\n", "{}"])(
    "before the invalid data %j get their own answers, and end the connection",
    async (data) => {
      const body = JSON.stringify(hello);
      const answer = await exchange(
        t.origin,
        `POST /v1${path} HTTP/1.1`,
        "host: localhost",
        "content-type: application/json",
        `content-length: ${body.length}`,
        "",
        body + data,
      );
      expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
      expect(answer).toMatch(/^connection: close\r$/im);
    },
  );

  test("that expect what the server does not know are refused", async () => {
    const lines = ["host: localhost", "expect: a-miracle", "connection: close", "", ""];
    const answer = await exchange(t.origin, "GET /healthz HTTP/1.1", ...lines);
    expect(answer).toMatch(/^HTTP\/1.1 417 /);
    expect(answer).toContain("expectation_failed");
  });

  test("whose headers or bodies do not end are closed", async () => {
    await using other = await startTestServer({ server: { requestTimeoutMs: 100 } });
    const starts = [
      "POST / HTTP/1.1\r\nx-slow: ",
      `POST /v1${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    ];
    for (const answer of await Promise.all(starts.map((start) => exchange(other.origin, start)))) {
      expect(answer).toMatch(/^HTTP\/1.1 408 [^]*was not complete in time/);
    }
  });

  test("are not answered by what their ids, roles and models have in them", async () => {
    const evil = "x\r\nset-cookie: a=b\r\n\r\n<html>";
    for (const fields of [{ agent_type: evil }, { model: `agent:${evil}` }, { model: evil }]) {
      const response = await post(t.url, { ...hello, ...fields });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.headers.get("set-cookie")).toBeNull();
      expect((await errorOf(response)).message.length).toBeLessThan(600);
    }
  });

  test("one after another over one connection are answered, also after refusals", async () => {
    using connection = connectTo(t.origin);
    const { socket } = connection;
    for (const body of ["{", JSON.stringify(hello), "[]", JSON.stringify(hello)]) {
      const head = `POST /v1${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
      socket.write(head + body);
      await once(socket, "data");
    }
    socket.end();
    const statuses = [...(await connection.ended).matchAll(/HTTP\/1\.1 (\d+)/g)];
    expect(statuses.map(([, status]) => status)).toEqual(["400", "200", "400", "200"]);
  });
});
