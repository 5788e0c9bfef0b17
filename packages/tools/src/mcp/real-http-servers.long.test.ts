import { spawn } from "node:child_process";
import { once } from "node:events";
import getPort from "get-port";
import { describe, expect, test } from "vitest";
import { openMcpServers } from "./index.ts";
import { call, failedCall } from "./test-support/call.ts";
import { Events } from "./test-support/events.ts";
import { programOf } from "./test-support/program-of.ts";

/** `server-everything` on a port of its own. */
async function startEverything(mode: "streamableHttp" | "sse", port?: number) {
  const chosen = port ?? (await getPort({ host: "127.0.0.1" }));
  const program = spawn(process.execPath, [programOf("everything"), mode], {
    env: { ...process.env, PORT: String(chosen), NODE_OPTIONS: "" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ready = Promise.withResolvers<void>();
  program.stderr.on("data", (text) => {
    if (/listening|running on port/i.test(String(text))) ready.resolve();
  });
  program.once("exit", () => ready.reject(new Error(`No server came up on port ${chosen}`)));
  await ready.promise;
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
