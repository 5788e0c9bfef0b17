import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { openMcpServers } from "./index.ts";
import { call, failedCall } from "./test-support/call.ts";
import { Events } from "./test-support/events.ts";

/** The program of a server's package, as its `bin` names it. */
function programOf(name: string): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`@modelcontextprotocol/server-${name}/package.json`);
  const { bin } = require(manifest) as { readonly bin: Readonly<Record<string, string>> };
  return join(dirname(manifest), Object.values(bin)[0] ?? "");
}

const stdio = (name: string, ...args: readonly string[]) => ({
  command: process.execPath,
  args: [programOf(name), ...args],
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** `server-everything` on a port of its own. Another program may take the port in between. */
async function startEverything(mode: "streamableHttp" | "sse", port?: number) {
  for (;;) {
    const chosen = port ?? (await freePort());
    const program = spawn(process.execPath, [programOf("everything"), mode], {
      env: { ...process.env, PORT: String(chosen), NODE_OPTIONS: "" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ready = Promise.withResolvers<boolean>();
    program.stderr.on("data", (text) => {
      if (/listening|running on port/i.test(String(text))) ready.resolve(true);
    });
    program.once("exit", () => ready.resolve(false));
    if (!(await ready.promise)) continue;
    const path = mode === "sse" ? "sse" : "mcp";
    const end = async () => {
      if (program.exitCode !== null || program.signalCode !== null) return;
      program.kill("SIGKILL");
      await once(program, "exit");
    };
    return {
      url: `http://127.0.0.1:${chosen}/${path}`,
      port: chosen,
      end,
      [Symbol.asyncDispose]: end,
    };
  }
}

test("three servers of the registry start together, and their tools work", async () => {
  await using folder = await temporaryFolder({ "notes.txt": "The lighthouse was built in 1871." });
  const memory = { ...stdio("memory"), env: { MEMORY_FILE_PATH: `${folder.path}/memory.jsonl` } };
  await using servers = await openMcpServers({
    mcpServers: {
      everything: stdio("everything"),
      files: stdio("filesystem", folder.path),
      memory,
    },
  });
  expect(servers.names).toEqual(["everything", "files", "memory"]);
  expect(await call(servers, "everything__echo", { message: "Hi" })).toBe("Echo: Hi");
  expect(await call(servers, "everything__get-tiny-image")).toContain("[image, image/png, ");
  const path = `${folder.path}/notes.txt`;
  expect(await call(servers, "files__read_text_file", { path })).toContain("1871");
  const error = await failedCall(servers, "files__read_text_file", { path: "/etc/passwd" });
  expect(error.message).toContain("Access denied");
  const entities = [{ name: "Vell", entityType: "lighthouse", observations: ["built in 1871"] }];
  await call(servers, "memory__create_entities", { entities });
  expect(await call(servers, "memory__search_nodes", { query: "1871" })).toContain("Vell");
  expect(servers.toolsOf("memory").map(({ name }) => name)).toContain("memory__read_graph");
  expect(() => servers.toolsOf("memry")).toThrow("the name of a server: everything, files, memory");
});

test("an agent calls a tool, and its answer has what the tool said", async () => {
  await using folder = await temporaryFolder({ "notes.txt": "The lighthouse was built in 1871." });
  await using servers = await openMcpServers({
    mcpServers: { files: stdio("filesystem", folder.path) },
  });
  const read = {
    name: "files__read_text_file",
    arguments: JSON.stringify({ path: `${folder.path}/notes.txt` }),
  };
  await using t = await startTestOrchestra({
    sandbox: {
      fixtures: [
        { match: { hasToolResult: false }, response: { toolCalls: [read] } },
        { match: { hasToolResult: true }, response: { content: "In 1871." } },
      ],
    },
  });
  const agent = t.orchestra.agent({ name: "clerk", system: "You look up.", tools: servers.tools });
  expect(await agent.invoke("When was the lighthouse built?")).toBe("In 1871.");
  const sent = JSON.stringify(t.sandbox.books.entries.at(-1));
  expect(sent).toContain("The lighthouse was built in 1871.");
});

describe.each(["streamableHttp", "sse"] as const)("a server over %s", (mode) => {
  test("works, is missed when it is killed, and is found when it is back", async () => {
    await using server = await startEverything(mode);
    const events = new Events();
    await using servers = await openMcpServers(
      { mcpServers: { web: { url: server.url } } },
      {
        onEvent: events.onEvent,
        random: () => 1,
        restartDelayMs: 100,
        maxRestarts: 50,
        maxRestartDelayMs: 100,
      },
    );
    expect(await call(servers, "web__echo", { message: "Hi" })).toBe("Echo: Hi");
    const waiting = failedCall(servers, "web__trigger-long-running-operation", {
      duration: 600,
      steps: 1,
    });
    await call(servers, "web__echo", { message: "The server has the other call" });

    await server.end();
    expect(await events.next("server-end")).toMatchObject({ server: "web", restartInMs: 100 });
    expect(await waiting).toMatchObject({ reason: "server_down" });
    expect(await failedCall(servers, "web__echo", { message: "Hi" })).toMatchObject({
      reason: "server_down",
    });
    await using again = await startEverything(mode, server.port);
    await events.next("server-start", 2);
    expect(await call(servers, "web__echo", { message: again.url })).toBe(`Echo: ${server.url}`);
  });
});
