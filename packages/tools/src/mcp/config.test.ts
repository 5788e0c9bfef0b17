import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { readConfig } from "./config/read-config.ts";
import { openMcpServers, type McpConfig } from "./index.ts";

const environment = { API_KEY: "tok-9Hq2Lm", PATH: "/bin" };
const read = (server: object, key = "mcpServers") =>
  readConfig({ [key]: { files: server } } as unknown as McpConfig, environment);

describe("a config", () => {
  test.each([
    [
      { command: "npx", args: ["-y", "x"] },
      { kind: "stdio", command: "npx", args: ["-y", "x"] },
    ],
    [
      { command: "npx", type: "stdio" },
      { kind: "stdio", args: [], env: {} },
    ],
    [{ url: "http://127.0.0.1:1/mcp" }, { kind: "any", headers: {} }],
    [{ url: "http://127.0.0.1:1/mcp", type: "http" }, { kind: "http" }],
    [{ url: "http://127.0.0.1:1/mcp", type: "streamableHttp" }, { kind: "http" }],
    [{ url: "http://127.0.0.1:1/mcp", transport: "streamable-http" }, { kind: "http" }],
    [{ url: "http://127.0.0.1:1/mcp", type: "sse" }, { kind: "sse" }],
    [{ command: "x", env: { KEY: "${API_KEY}" } }, { env: { KEY: "tok-9Hq2Lm" } }],
    [{ command: "x", env: { KEY: "${env:API_KEY}" } }, { env: { KEY: "tok-9Hq2Lm" } }],
    [{ command: "x", args: ["${MISSING:-a}b"] }, { args: ["ab"] }],
    [
      { url: "http://127.0.0.1:1/", headers: { Authorization: "Bearer ${API_KEY}" } },
      { headers: { Authorization: "Bearer tok-9Hq2Lm" } },
    ],
    [{ command: "x", autoApprove: [], description: "d", alwaysAllow: ["a"] }, { command: "x" }],
  ])("%j is read", async (server, resolved) => {
    expect(await read(server)).toMatchObject([{ name: "files", ...resolved }]);
    expect(await read(server, "servers")).toMatchObject([{ name: "files", ...resolved }]);
  });

  test("may leave a server out", async () => {
    expect(await read({ command: "x", disabled: true })).toEqual([]);
  });

  test.each([
    [{ cmd: "npx" }, "mcpServers.files.cmd is not known (did you mean command?)"],
    [{ command: "npx", arg: ["x"] }, "mcpServers.files.arg is not known (did you mean args?)"],
    [{ comand: "npx" }, "mcpServers.files.comand is not known (did you mean command?)"],
    [{ command: "npx", environment: {} }, "(did you mean env?)"],
    [{ uri: "http://127.0.0.1:1/" }, "(did you mean url?)"],
    [{ url: "http://127.0.0.1:1/", header: {} }, "(did you mean headers?)"],
    [{ command: "x", "a b": 1 }, 'mcpServers.files."a b" is not known (expected one of command'],
    [{ command: "npx", args: "-y x" }, "args is a text: expected a list of texts, such as"],
    [{ command: "npx", args: [5] }, "mcpServers.files.args[0] is 5: expected a text"],
    [{ command: "npx", env: { PORT: 5 } }, "mcpServers.files.env.PORT is 5: expected a text, in"],
    [{ command: "npx", env: ["a"] }, "mcpServers.files.env is an array: expected an object"],
    [
      { command: "" },
      'mcpServers.files.command is empty: expected the program to start, such as "npx"',
    ],
    [{ command: ["npx", "x"] }, "mcpServers.files.command is an array: expected the program"],
    [{ command: "x\0" }, "mcpServers.files.command has a NUL character"],
    [{}, "mcpServers.files has neither a command to start nor a url to connect to"],
    [{ command: "x", url: "http://127.0.0.1:1/" }, "has a command and a url"],
    [{ command: "x", type: "http" }, "is of type http and has no url"],
    [{ url: "http://127.0.0.1:1/", type: "stdio" }, "is of type stdio and has no command"],
    [
      { url: "http://127.0.0.1:1/", type: "sse", transport: "http" },
      "type and mcpServers.files.tr",
    ],
    [{ url: "http://127.0.0.1:1/", args: [] }, "mcpServers.files.args has no effect beside a url"],
    [{ command: "x", headers: {} }, "mcpServers.files.headers has no effect beside a command"],
    [{ command: "x", type: "stdoi" }, 'mcpServers.files.type is "stdoi": expected one of "stdio"'],
    [{ url: "127.0.0.1:1" }, "mcpServers.files.url must be an address such as"],
    [{ url: "ws://127.0.0.1:1" }, "mcpServers.files.url must be an address such as"],
    [
      { url: "http://a/", headers: { "a b": "c" } },
      'mcpServers.files.headers["a b"] is not a header',
    ],
    [
      { command: "x", args: ["${NOT_SET}"] },
      "mcpServers.files.args[0] names the variable NOT_SET, which is not set",
    ],
    [
      { command: "x", args: ["${input:key}"] },
      'mcpServers.files.args[0] has "${input:key}", which cannot',
    ],
    [{ command: "x", timeout: 5 }, "timeout is not read here: set the options startTimeoutMs"],
    [{ command: "x", disabledTools: [] }, "disabledTools is not read here: leave tools out"],
    [{ command: "x", envFile: ".env" }, "envFile is not read here: name the variables in env"],
    ["npx", "mcpServers.files must be an object with a command or a url"],
    [null, "mcpServers.files must be an object with a command or a url"],
  ])("%j is refused, with the field and what to do", async (server, message) => {
    const error = await read(server as object).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "McpServerError", reason: "invalid_config" });
    expect((error as Error).message).toContain(message);
  });

  const secret = "tok-5Rz\0Lm8";

  test.each([
    [{ command: secret }, "mcpServers.files.command has a NUL character in it"],
    [{ command: "x", args: ["-k", secret] }, "mcpServers.files.args[1] has a NUL character in it"],
    [{ command: "x", env: { A_KEY: secret } }, "mcpServers.files.env.A_KEY has a NUL character"],
    [{ command: "x", env: { A: "${NUL}" } }, "mcpServers.files.env.A has a NUL character in it"],
    [{ command: "x", env: { "a\0": "b" } }, "is not the name of a variable: expected one such as"],
    [{ command: "x", env: { "A=B": "c" } }, 'mcpServers.files.env["A=B"] is not the name of a'],
    [{ command: "x", cwd: `/${secret}` }, "mcpServers.files.cwd has a NUL character"],
    [{ url: "http://a/", headers: { Key: secret } }, "mcpServers.files.headers.Key has a NUL"],
    [{ url: `http://a/?key=${secret}` }, "mcpServers.files.url has a NUL character in it"],
  ])("%j is refused, and its value is not shown", async (server, message) => {
    const config = { mcpServers: { files: server } } as unknown as McpConfig;
    const error = await readConfig(config, { NUL: secret }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "McpServerError", reason: "invalid_config" });
    const { message: text } = error as Error;
    expect(text).toContain(message);
    expect(text).not.toMatch(/5Rz|Lm8/);
  });

  test("names every problem of every server", async () => {
    const config = { mcpServers: { a: { cmd: "x" }, b: { command: "x", arg: [] }, "c d": {} } };
    const error = await readConfig(config as McpConfig, environment).catch(String);
    expect(error).toContain("mcpServers.a.cmd");
    expect(error).toContain("mcpServers.b.arg");
    expect(error).toContain('mcpServers["c d"] has neither');
  });

  test.each([
    [{}, "expected an object of servers as mcpServers"],
    [{ mcpServers: {} }, "mcpServers names no server"],
    [{ mcpServer: {} }, 'there is "mcpServer"'],
    [{ mcpServers: [] }, "expected an object of servers"],
  ])("%j has no servers", async (config, message) => {
    await expect(readConfig(config as never, {})).rejects.toThrow(message);
  });

  test("never shows a value in an error", async () => {
    const secret = "sekret-0123456789";
    const error = await read({
      command: "x",
      env: { KEY: [secret] },
      [secret]: 1,
      args: [{ secret }],
    })
      .then(() => "accepted")
      .catch((thrown: Error) => thrown.message.replaceAll(`files.${secret} is not known`, ""));
    expect(error).not.toContain(secret);
  });
});

describe("a file", () => {
  test("is read, with a byte order mark too", async () => {
    const json = JSON.stringify({ mcpServers: { files: { command: "x" } } });
    await using folder = await temporaryFolder({ "mcp.json": `\ufeff${json}` });
    expect(await readConfig(`${folder.path}/mcp.json`, {})).toMatchObject([{ name: "files" }]);
    const url = new URL(`file://${folder.path}/mcp.json`);
    expect(await readConfig(url, {})).toMatchObject([{ name: "files" }]);
  });

  test("that is not JSON is refused with the place, and without its text", async () => {
    const text = '{\n  "mcpServers": {\n    "a": { "env": { "KEY": "sekret-1" }, } } }';
    await using folder = await temporaryFolder({ "mcp.json": text });
    const error = await openMcpServers(`${folder.path}/mcp.json`).catch(String);
    expect(error).toContain("it is not JSON (line 3, column 42)");
    expect(error).not.toContain("sekret-1");
  });

  test("that is missing is named", async () => {
    await expect(openMcpServers("/no/such/mcp.json")).rejects.toThrow(
      "The MCP config (/no/such/mcp.json) cannot be used: there is no such file",
    );
  });
});
