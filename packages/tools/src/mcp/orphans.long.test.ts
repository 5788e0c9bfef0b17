import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { openMcpServers } from "./index.ts";
import { endServers } from "./test-support/end-servers.ts";
import { isRunning, pidsIn } from "./test-support/processes.ts";
import { scripted } from "./test-support/scripted.ts";

const running = (file: string) => pidsIn(file).filter(isRunning);

test("servers that end in five ways leave no process, and none of their children's", async () => {
  expect(await endServers(20)).toEqual([]);
});

test("a start that fails leaves none", async () => {
  await using folder = await temporaryFolder({});
  const behaviors = ["silent", "no-tools", "junk-flood", "exit"] as const;
  await Promise.all(
    behaviors.map(async (behavior) => {
      const pids = `${folder.path}/${behavior}`;
      const config = scripted({ pids, child: true, behavior });
      await expect(openMcpServers(config, { startTimeoutMs: 1_000 })).rejects.toThrow("scripted");
      expect(pidsIn(pids)).toHaveLength(2);
      expect(running(pids)).toEqual([]);
    }),
  );
});

test("a server that ignores the end of its input and SIGTERM is killed", async () => {
  await using folder = await temporaryFolder({});
  const pids = `${folder.path}/pids`;
  const config = scripted({ pids, child: true, behavior: "stubborn" });
  await (await openMcpServers(config)).close();
  expect(pidsIn(pids)).toHaveLength(2);
  expect(running(pids)).toEqual([]);
});

/** Runs the program, and returns how it ended and the processes that it started. */
async function runProgram(end: string, pids: string): Promise<unknown> {
  const file = fileURLToPath(new URL("__fixtures__/open-and-end.ts", import.meta.url));
  const args = ["--conditions=@orchestra/source", file, pids, end];
  const program = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const ended = once(program, "exit");
  await once(program.stdout, "data");
  if (end.startsWith("SIG")) program.kill(end as NodeJS.Signals);
  const [code, signal] = (await ended) as [number | null, string | null];
  return signal ?? code;
}

test("a program that ends without close() leaves none, however it ends", async () => {
  await using folder = await temporaryFolder({});
  const expected = { return: 0, exit: 0, throw: 1, SIGTERM: "SIGTERM", SIGKILL: "SIGKILL" };
  const all = Object.keys(expected).map(
    async (end) => [end, await runProgram(end, `${folder.path}/${end}`)] as const,
  );
  expect(Object.fromEntries(await Promise.all(all))).toEqual(expected);
  const started = Object.keys(expected).flatMap((end) => pidsIn(`${folder.path}/${end}`));
  expect(started).toHaveLength(20);
  await expect.poll(() => started.filter(isRunning)).toEqual([]);
});
