import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runExample } from "../run-example.ts";

interface Server {
  readonly args: readonly string[];
}

/** The servers of the page, from the installed packages instead of `npx`, which would ask the registry. */
function mcpJson(): string {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/mcp.md"), "utf8");
  const [, json = "{}"] = /^```json\n(.*?)^```$/ms.exec(page) ?? [];
  const { mcpServers } = JSON.parse(json) as { readonly mcpServers: Record<string, Server> };
  const installed = Object.entries(mcpServers).map(([name, server]) => {
    const [yes, packageName = "", ...args] = server.args;
    expect(yes).toBe("-y");
    return [
      name,
      { ...server, command: process.execPath, args: [programOf(packageName), ...args] },
    ];
  });
  return JSON.stringify({ mcpServers: Object.fromEntries(installed) as object });
}

function programOf(packageName: string): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`${packageName}/package.json`);
  const { bin } = require(manifest) as { readonly bin: Readonly<Record<string, string>> };
  return join(dirname(manifest), Object.values(bin)[0] ?? "");
}

test("role answers from a file that a server read, and pins the tools", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mcp-"));
  const before = process.cwd();
  onTestFinished(async () => {
    process.chdir(before);
    await rm(folder, { recursive: true });
  });
  await mkdir(join(folder, "notes"));
  await writeFile(join(folder, "notes/vell.md"), "The lighthouse of Vell was built in 1871.");
  await writeFile(join(folder, "mcp.json"), mcpJson());
  process.chdir(folder);
  const path = join(folder, "notes/vell.md");
  const read = { name: "notes__read_text_file", arguments: JSON.stringify({ path }) };
  const { printed, sandbox } = await runExample(() => import("./role.ts"), {
    sandbox: {
      fixtures: [
        { match: { hasToolResult: false }, response: { toolCalls: [read] } },
        { match: { hasToolResult: true }, response: { content: "In 1871." } },
      ],
    },
  });
  expect(printed).toEqual([["In 1871."]]);
  expect(JSON.stringify(sandbox.books.entries.at(-1))).toContain("was built in 1871");
  const pins = JSON.parse(await readFile("mcp.pins.json", "utf8")) as object;
  expect(Object.keys(pins)).toEqual(["notes", "memory"]);
});

test("url lists the tools of a server that wants a token", async () => {
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { printed } = await runExample(() => import("./url.ts"), {
    environment: { SEARCH_URL: `http://127.0.0.1:${port}/mcp`, SEARCH_TOKEN: "tok-7Hn2Qx" },
  });
  expect(printed).toEqual([[["search__find"]]]);
});

/** A server of one answer to each request, without a session and without a stream. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const end = (status: number, body = "") =>
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  if (request.headers.authorization !== "Bearer tok-7Hn2Qx") return void end(401);
  if (request.method !== "POST") return void end(405);
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const { id, method } = JSON.parse(text) as { readonly id?: number; readonly method: string };
  if (id === undefined) return void end(202);
  const inputSchema = { type: "object" };
  const result =
    method === "initialize"
      ? {
          protocolVersion: "2025-06-18",
          capabilities: { tools: {} },
          serverInfo: { name: "search", version: "1" },
        }
      : { tools: ["find", "delete"].map((name) => ({ name, inputSchema })) };
  end(200, JSON.stringify({ jsonrpc: "2.0", id, result }));
}
