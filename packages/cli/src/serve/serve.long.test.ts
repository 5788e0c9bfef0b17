import { expect, test } from "vitest";
import { config, runAt, startAt } from "../test-support/run-at.ts";
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

test("orchestra serve that is killed under load loses no run", async () => {
  await using folder = await temporaryFolder();
  await using stage = await startStage();
  const options = { folder: folder.path, environment: stage.environment };
  const args = ["serve", "--port", "0", "--config", config];
  await using first = startCli(args, options);
  const { url } = (await first.saw("server listens")) as unknown as { readonly url: string };
  const accepted: string[] = [];
  const starting = Array.from({ length: 60 }, async (_, index) => {
    const id = await startAt(url, `order-${index}`).catch(() => undefined);
    if (id !== undefined) accepted.push(id);
  });
  await expect.poll(() => accepted.length).toBeGreaterThan(10);
  first.child.kill("SIGKILL");
  await Promise.all([first.done, ...starting]);
  await using second = startCli(args, options);
  await second.saw("server listens");
  for (const id of accepted)
    expect(await stage.runtime.wait(id)).toMatchObject({ status: "succeeded" });
});
