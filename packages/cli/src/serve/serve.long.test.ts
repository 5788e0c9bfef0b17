import { expect, test } from "vitest";
import { config, runAt } from "../test-support/run-at.ts";
import { startCli } from "../test-support/start-cli.ts";
import { startStage } from "../test-support/start-stage.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

test("orchestra serve --processes shares a port, replaces a process that ends, and stops all", async () => {
  await using folder = await temporaryFolder();
  await using stage = await startStage();
  const args = ["serve", "--port", "0", "--config", config, "--processes", "2", "--grace", "5"];
  await using running = startCli(args, { folder: folder.path, environment: stage.environment });
  await running.saw("processes listen");
  const listening = () => running.log().filter(({ message }) => message === "server listens");
  await expect.poll(() => listening().length).toBe(2);
  const [one, two] = listening() as unknown as { readonly url: string; readonly pid: number }[];
  expect(one?.url).toBe(two?.url);
  expect(await runAt(one?.url ?? "")).toContain('"status":"succeeded"');
  process.kill(one?.pid ?? 0, "SIGKILL");
  await expect.poll(() => listening().length).toBe(3);
  expect(await runAt(one?.url ?? "")).toContain('"status":"succeeded"');
  running.stop("SIGTERM");
  expect((await running.done).code).toBe(0);
  expect(running.log().filter(({ message }) => message === "stopped")).toHaveLength(2);
});

test("orchestra serve --processes needs a database that they can share", async () => {
  await using folder = await temporaryFolder();
  await using running = startCli(["serve", "--processes", "2"], {
    folder: folder.path,
    environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789" },
  });
  const { code, stderr } = await running.done;
  expect(stderr).toMatch(/--processes 2 needs a database.*DATABASE_URL/s);
  expect(code).toBe(2);
});
