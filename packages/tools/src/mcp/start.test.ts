import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { openMcpServers, type McpConfig, type McpOptions, type McpServerConfig } from "./index.ts";
import { scripted, token } from "./test-support/scripted.ts";
import type { Script } from "./__fixtures__/scripted-server.ts";

async function failureOf(config: McpConfig, options: McpOptions = {}): Promise<Error> {
  try {
    await using servers = await openMcpServers(config, options);
    return new Error(`opened with ${servers.tools.length} tools`);
  } catch (error) {
    return error as Error;
  }
}

async function listen(answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => {
    server.once("listening", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

const web = (url: string, others: McpServerConfig = {}) => ({
  mcpServers: { web: { url, headers: { Authorization: `Bearer ${token}` }, ...others } },
});

describe("a program that is no server", () => {
  test.each([
    [
      { command: "no-such-program" },
      'command "no-such-program" is not found on the PATH: install it',
    ],
    [{ command: "npx -y server" }, "arguments belong into args, one by one"],
    [{ command: "/tmp" }, 'command "/tmp" cannot be executed'],
    [{ cwd: "/no/such/folder" }, 'cwd names no folder: "/no/such/folder"'],
    [{ command: "true", args: [] }, "it ended with exit code 0"],
    [
      { command: process.execPath, args: ["./no-such-file.js"] },
      `Error: Cannot find module '${resolve("no-such-file.js")}'`,
    ],
    [{ command: "cat", args: [] }, "it answered with an error: -32601: Method not found"],
    [
      { command: "yes", args: [] },
      "it does not speak MCP.\nIts standard output has lines that are no",
    ],
  ] satisfies [McpServerConfig, string][])("%j is reported", async (others, message) => {
    const error = await failureOf(scripted({}, others));
    expect(error).toMatchObject({ reason: "start_failed", server: "scripted" });
    expect(error.message).toContain(`The MCP server "scripted" did not start: `);
    expect(error.message).toContain(message);
  });
});

test("a start that Node.js refuses is reported without the value that it refused", async () => {
  const environment = { PATH: process.env["PATH"], HOME: "tok-5Rz\0Lm8" };
  const error = await failureOf(scripted(), { environment });
  expect(error).toMatchObject({ reason: "start_failed" });
  expect(error.message).toContain("Node.js refused a value of its config (ERR_INVALID_ARG_VALUE)");
  expect(inspect(error)).not.toMatch(/5Rz|Lm8/);
});

describe("a server that", () => {
  test.each([
    ["exit", "it ended with exit code 7.\nIts last lines on standard error:\n  line 43"],
    [
      "junk-flood",
      'it does not speak MCP.\nIts standard output has lines that are not MCP messages, the first: "Server is running',
    ],
    ["byte-flood", "it sent a message of more than 1000000 bytes (maxMessageBytes)"],
    ["message-flood", "it floods its client: 5000 messages at once"],
    ["refuse", "it answered with an error: -32000: no use for [redacted]"],
    ["no-tools", "has no tools: leave it out, or correct its arguments"],
    ["endless-pages", "its list of tools has more than 100 pages"],
    [
      "schema-bomb",
      'has no tools that can be used: the tool "bomb" is left out, as its inputSchema is too large',
    ],
    ["only-odd-tools", "has no tools that can be used: a tool is left out, as it has no name"],
    ["list-off-protocol", "its answer does not follow MCP: tools: Invalid input: expected array"],
  ] satisfies [Script["behavior"], string][])("%s: is reported", async (behavior, message) => {
    const error = await failureOf(scripted({ behavior }), { maxMessageBytes: 1_000_000 });
    expect(error.message).toContain(message);
    expect(inspect(error, { depth: 9 })).not.toContain(token);
    expect(error.message).not.toContain("\u001b");
  });

  test("never answers initialize is ended after the time for the start", async () => {
    const error = await failureOf(scripted({ behavior: "silent" }), { startTimeoutMs: 300 });
    expect(error.message).toContain("it did not answer initialize within 0.3 s (startTimeoutMs)");
  });

  test("lists too many tools is not used", async () => {
    const error = await failureOf(scripted(), { maxTools: 3 });
    expect(error.message).toContain("it lists more than 3 tools (maxTools)");
  });

  test.each(["junk", "stderr-flood"] as const)(
    "writes lines that are not messages works: %s",
    async (behavior) => {
      await using servers = await openMcpServers(scripted({ behavior }));
      const echo = servers.tools.find(({ name }) => name === "scripted__echo");
      expect(await echo?.invoke({ text: "Hi" })).toBe("Hi");
    },
  );
});

test("of several servers that fail each is named, and the others are ended", async () => {
  const one = scripted().mcpServers.scripted;
  const two = scripted({ behavior: "exit" }).mcpServers.scripted;
  const error = await failureOf({
    mcpServers: { one, two, three: { command: "no-such-program" } },
  });
  expect(error.message).toContain('"two" did not start');
  expect(error.message).toContain('"three" did not start');
});

test("an abort ends the start, with its reason", async () => {
  const stop = new AbortController();
  const opening = openMcpServers(scripted({ behavior: "silent" }), { signal: stop.signal });
  stop.abort("enough");
  await expect(opening).rejects.toBe("enough");
});

describe("an address that", () => {
  test("refuses connections is reported", async () => {
    const server = await listen(() => undefined);
    await server[Symbol.asyncDispose]();
    const error = await failureOf(web(server.url));
    expect(error.message).toContain(`${server.url} refuses connections (ECONNREFUSED): start the`);
  });

  test.each([
    [200, 'answers with "text/html", which is not MCP: check the path, such as /mcp'],
    [401, "answers with status 401: set headers.Authorization"],
    [404, "answers with status 404: check the path of url, such as /mcp"],
    [500, "answers with status 500: <html>"],
    [302, "answers with status 302: Redirect to http://127.0.0.1:9/ not followed"],
  ])("answers with status %s is no server, in HTTP or SSE", async (status, message) => {
    await using server = await listen(({ headers }, response) => {
      response.writeHead(status, { "content-type": "text/html", location: "http://127.0.0.1:9/" });
      response.end(`<html>${headers.authorization}`);
    });
    const error = await failureOf(web(server.url));
    expect(error.message).toContain(message);
    expect(inspect(error, { depth: 9 })).not.toContain(token);
  });

  test.each(["application/json", "text/event-stream"])(
    "sends %s without end is cut off",
    async (type) => {
      await using server = await listen((_, response) => {
        response.writeHead(200, { "content-type": type });
        const more = () => {
          while (response.write("x".repeat(65_536)));
          response.once("drain", more);
        };
        more();
      });
      const error = await failureOf(web(server.url, { type: "http" }), {
        maxMessageBytes: 1_000_000,
      });
      expect(error.message).toContain("it sent a message of more than 1000000 bytes");
    },
  );

  test.each(["http", "sse"] as const)("never answers is given up: %s", async (type) => {
    await using server = await listen(() => undefined);
    const error = await failureOf(web(server.url, { type }), { startTimeoutMs: 200 });
    expect(error.message).toContain("it did not answer initialize within 0.2 s (startTimeoutMs)");
  });
});
