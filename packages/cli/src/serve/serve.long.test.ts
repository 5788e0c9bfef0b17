import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { PostgresBudgetStore } from "@orchestra/runtime";
import { startSandbox } from "@orchestra/sandbox";
import { expect, test } from "vitest";
import { config, runAt, startAt } from "../test-support/run-at.ts";
import { startCli } from "../test-support/start-cli.ts";
import { question, startStage } from "../test-support/start-stage.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

test("orchestra serve executes runs of the config's pipelines on the embedded database", async () => {
  await using folder = await temporaryFolder();
  await using sandbox = await startSandbox();
  await using running = startCli(["serve", "--port", "0", "--config", config], {
    folder: folder.path,
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
      SEARCHES: join(folder.path, "searches"),
    },
  });
  const { url } = (await running.saw("server listens")) as unknown as { readonly url: string };
  expect(await runAt(url)).toContain('"status":"succeeded"');
  running.stop("SIGTERM");
  expect((await running.done).code).toBe(0);
});

test("orchestra serve executes no run if it cannot listen", async () => {
  await using stage = await startStage();
  const options = { folder: stage.folder, environment: stage.environment };
  const { id } = await stage.runtime.start("answer", question);
  const { port } = new URL(stage.sandbox.url);
  await using running = startCli(["serve", "--port", port, "--config", config], options);
  const { code, stderr } = await running.done;
  expect(stderr).toContain("another program uses the port");
  expect(code).toBe(1);
  expect(await stage.runtime.get(id)).toMatchObject({ status: "queued", executions: 0 });
});

test("orchestra serve --processes: the processes share a port, are replaced when they end, and stop together", async () => {
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

test("orchestra serve --processes stops with one process if it is interrupted before that one listens", async () => {
  await using folder = await temporaryFolder();
  await using stage = await startStage();
  const connections: Socket[] = [];
  const silent = createServer((socket) => connections.push(socket)).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const environment = { ...stage.environment, DATABASE_URL: `postgresql://127.0.0.1:${port}/x` };
  const args = ["serve", "--port", "0", "--config", config, "--processes", "3"];
  await using running = startCli(args, { folder: folder.path, environment });
  await expect.poll(() => connections.length).toBeGreaterThan(0);
  running.stop("SIGTERM");
  expect(await running.done).toMatchObject({ code: 143, stdout: "" });
  expect(running.log().map(({ message }) => message)).not.toContain("processes listen");
  for (const connection of connections) connection.destroy();
  silent.close();
});

test("orchestra serve --processes is refused on the embedded database", async () => {
  await using folder = await temporaryFolder();
  await using running = startCli(["serve", "--processes", "2"], {
    folder: folder.path,
    environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789" },
  });
  const { code, stderr } = await running.done;
  expect(stderr).toMatch(/--processes 2 needs a database.*DATABASE_URL/s);
  expect(code).toBe(2);
});

test("killing orchestra serve under load loses no run", async () => {
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

test("killing orchestra serve under load does not let a key exceed its budget", async () => {
  await using folder = await temporaryFolder();
  await using stage = await startStage();
  const { runtime, sandbox } = stage;
  const poor = await runtime.keys.create({ name: "poor", budget: { usdTotal: 0 } });
  const options = { folder: folder.path, environment: stage.environment };
  await using first = startCli(["serve", "--port", "0"], options);
  const { url } = (await first.saw("server listens")) as unknown as { readonly url: string };
  const refused = await ask(url, poor.secret);
  const estimateUsd = Number(/\$([\d.]+) possible/.exec(refused.text)?.[1]);
  const limitUsd = estimateUsd * 60;
  const key = await runtime.keys.create({ name: "team", budget: { usdTotal: limitUsd } });
  await expect.poll(async () => (await ask(url, key.secret)).status).toBe(200);
  sandbox.order({ fault: "slow", delayMs: 500 });
  const load = Array.from({ length: 200 }, () => ask(url, key.secret).catch(() => undefined));
  const atUpstream = () => sandbox.books.entries.length;
  await expect.poll(atUpstream).toBeGreaterThan(10);
  first.child.kill("SIGKILL");
  await Promise.all([first.done, ...load]);
  await using second = startCli(["serve", "--port", "0"], options);
  const again = (await second.saw("server listens")) as unknown as { readonly url: string };
  const ends = await Promise.all(Array.from({ length: 200 }, () => ask(again.url, key.secret)));
  expect(ends.map(({ status }) => status)).toContain(402);
  second.stop("SIGTERM");
  await second.done;
  const store = new PostgresBudgetStore({ database: runtime.database });
  const { spent, held } = await store.balance({ scope: "key", id: key.id });
  const bookedUsd = Number(spent.picoUsd + held.picoUsd) / 1e12;
  const paidUsd = sandbox.books.entries.reduce((sum, { costUsd }) => sum + costUsd, 0);
  // The reservations of the killed server cover the cost of its calls.
  expect(paidUsd).toBeLessThanOrEqual(bookedUsd);
  expect(bookedUsd).toBeLessThanOrEqual(limitUsd + estimateUsd);
});

test("killing orchestra serve loses no stored usage, and no call is counted twice", async () => {
  await using folder = await temporaryFolder();
  await using stage = await startStage();
  const { runtime, sandbox } = stage;
  const options = { folder: folder.path, environment: stage.environment };
  const start = async () => {
    const running = startCli(["serve", "--port", "0"], options);
    const { url } = (await running.saw("server listens")) as unknown as { readonly url: string };
    const askMany = (count: number) =>
      Promise.all(Array.from({ length: count }, () => ask(url, "any").catch(() => undefined)));
    return Object.assign(running, { askMany });
  };
  const counted = async () => {
    const lines = await runtime.usage({ by: "day", since: new Date(Date.now() - 86_400_000) });
    return lines.reduce((sum, { calls }) => sum + calls, 0);
  };
  await using first = await start();
  await first.askMany(20);
  await expect.poll(counted).toBe(20);
  const load = first.askMany(100);
  await expect.poll(() => sandbox.books.entries.length).toBeGreaterThan(40);
  first.child.kill("SIGKILL");
  await Promise.all([first.done, load]);
  const stored = await counted();
  expect(stored).toBeGreaterThanOrEqual(20);
  expect(stored).toBeLessThanOrEqual(sandbox.books.entries.length);
  await using second = await start();
  await second.askMany(5);
  second.stop("SIGTERM");
  await second.done;
  expect(await counted()).toBe(stored + 5);
});

async function ask(url: string, key: string) {
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hello" }], max_tokens: 100 }),
  });
  return { status: response.status, text: await response.text() };
}
