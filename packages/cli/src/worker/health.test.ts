import { readFile, readdir, readlink, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Worker } from "@orchestra/runtime";
import getPort from "get-port";
import { describe, expect, test } from "vitest";
import { hostAndPort } from "../arguments.ts";
import { exitCodeOf } from "../errors/exit-codes.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { UsageError } from "../errors/usage-error.ts";
import { HealthReporter, type HealthReport } from "./health.ts";

/** A worker whose state the test sets. */
function workerIn(state: Worker["health"]["state"]) {
  const health: Worker["health"] = { state, since: "2026-11-27T12:00:00.000Z", activeRuns: 2 };
  return { name: "first", health } as Worker;
}

describe("--health", () => {
  test("writes the worker's state to a file, and deletes the file at the end", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "health.json");
    const read = async () => JSON.parse(await readFile(file, "utf8")) as HealthReport;
    const reporter = await HealthReporter.start({ health: file });
    expect(await read()).toMatchObject({ state: "waiting", reason: "the worker starts" });
    reporter.watch(workerIn("working"));
    await expect.poll(read).toMatchObject({
      state: "working",
      since: "2026-11-27T12:00:00.000Z",
      activeRuns: 2,
      worker: "first",
      processId: process.pid,
      reportedAt: expect.stringMatching(/Z$/),
    });
    await reporter[Symbol.asyncDispose]();
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("is refused if the file cannot be written", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "nowhere", "health.json");
    const starting = HealthReporter.start({ health: file });
    await expect(starting).rejects.toThrow(UsageError);
    await expect(starting).rejects.toThrow(/--health .*nowhere.*ENOENT.*folder that exists/);
  });

  test("is refused for anything that is not a file, such as a device, a folder or a link", async () => {
    await using folder = await temporaryFolder();
    const link = join(folder.path, "stdout");
    await symlink("/dev/stdout", link);
    for (const path of [folder.path, link]) {
      const starting = HealthReporter.start({ health: path });
      await expect(starting).rejects.toThrow(UsageError);
      await expect(starting).rejects.toThrow(/--health .*not a file. Name a new file/);
    }
    expect(await readlink(link)).toBe("/dev/stdout");
    expect(await readdir(folder.path)).toEqual(["stdout"]);
  });
});

describe("--health-port", () => {
  test("answers /live with 200 in any state, and /ready with 200 only while the worker takes runs", async () => {
    const port = await getPort({ host: "127.0.0.1" });
    await using reporter = await HealthReporter.start({
      healthPort: hostAndPort(String(port)),
    });
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.json()] as const;
    };
    expect(await ask("/live")).toMatchObject([200, { state: "waiting" }]);
    expect(await ask("/ready")).toMatchObject([503, { state: "waiting" }]);
    for (const [state, ready] of [
      ["working", 200],
      ["waiting", 503],
      ["draining", 503],
    ] as const) {
      reporter.watch(workerIn(state));
      expect(await ask("/live")).toMatchObject([200, { state }]);
      expect(await ask("/ready?from=kubelet")).toMatchObject([ready, { state, activeRuns: 2 }]);
    }
    expect(await ask("/")).toMatchObject([404, { error: "expected /live or /ready" }]);
  });

  test("is refused if the port is in use", async () => {
    const port = await getPort({ host: "127.0.0.1" });
    await using _ = await HealthReporter.start({ healthPort: { host: "127.0.0.1", port } });
    const again = HealthReporter.start({ healthPort: { host: "127.0.0.1", port } });
    await expect(again.catch(exitCodeOf)).resolves.toBe(1);
    await expect(again).rejects.toThrow(/--health-port \d+.*EADDRINUSE.*Choose another/);
  });

  test.each([
    ["8080", { host: "127.0.0.1", port: 8080 }],
    ["0.0.0.0:80", { host: "0.0.0.0", port: 80 }],
    ["[::]:8080", { host: "::", port: 8080 }],
    ["localhost:8080", { host: "localhost", port: 8080 }],
  ])("takes %s", (value, address) => {
    expect(hostAndPort(value)).toEqual(address);
  });

  test.each(["", "0", "65536", "port", "8080:", ":8080", "a b:1", "-1"])("refuses %j", (value) => {
    expect(() => hostAndPort(value)).toThrow(/It takes a port/);
  });
});
