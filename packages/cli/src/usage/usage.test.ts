import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DIALECTS, dialectModel, startSandbox } from "@orchestra/sandbox";
import { expect, test } from "vitest";
import { ownSchema } from "../test-support/own-schema.ts";
import { runHere } from "../test-support/run-here.ts";
import { json, startServer } from "../test-support/start-server.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

/** Runs the command in an empty folder, with its own sandbox and its own schema. */
async function openStage(more: Readonly<Record<string, string>> = {}) {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox());
  const place = stack.use(await temporaryFolder());
  const environment = {
    OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
    OPENROUTER_BASE_URL: sandbox.url,
    ...stack.use(ownSchema()).environment,
    ...more,
  };
  const orchestra = (...args: readonly string[]) =>
    runHere(args, { folder: place.path, environment, columns: 60 });
  const all = stack.move();
  return { sandbox, orchestra, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

test("orchestra usage sums up runs or calls, and prints the usage of the key", async () => {
  await using stage = await openStage();
  const { sandbox, orchestra } = stage;
  for (const task of ["One?", "Two?"]) expect((await orchestra("run", task)).code).toBe(0);

  const { costUsd } = sandbox.books.totals();
  const { code, stdout } = await orchestra("usage", "--json", "--by", "status");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    lines: { succeeded: { runs: 2, calls: 2, costUsd } },
    total: { runs: 2 },
    key: { usageUsd: costUsd, freeRequestsLeftToday: 1000 },
  });
  const calls = await orchestra("usage", "--json", "--by", "role");
  expect(JSON.parse(calls.stdout)).toMatchObject({ total: { calls: 2, costUsd } });
  expect((await orchestra("usage", "--by", "user")).stdout).toMatch(
    /^\(no user\): \$0\.0\d+\n {2}2 calls, \d+ tokens\nall calls of 30 days: /,
  );
  const text = await orchestra("usage");
  expect(text.stdout).toMatch(/^orchestra-chat: \$0\.0\d+\n {2}2 runs, 2 calls, \d+ tokens\n/);
  expect(text.stdout.replaceAll(/\s+/g, " ")).toContain("1,000 free requests left today");
  for (const line of text.stdout.split("\n")) expect(line.length).toBeLessThan(61);
});

test("orchestra usage sends the key to the server of the config, and to none if OPENROUTER_BASE_URL is invalid", async () => {
  await using server = await startServer(json({ "/key": { data: { usage: 0.5 } } }));
  await using configured = await temporaryFolder();
  await using empty = await temporaryFolder();
  await writeFile(
    join(configured.path, "orchestra.config.mjs"),
    `export const orchestra = { settings: { baseUrl: "${server.url}" } };`,
  );
  const usage = async (folder: string, environment: NodeJS.ProcessEnv) =>
    runHere(["usage"], { folder, environment });
  const environment = { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789" };

  expect((await usage(configured.path, environment)).stdout).toContain("the key: $0.50\n");
  expect(server.requests).toEqual(["GET /key"]);
  expect((await usage(configured.path, {})).stderr).toBe("");
  const invalid = { ...environment, OPENROUTER_BASE_URL: "nonsense" };
  expect((await usage(empty.path, invalid)).stderr).toContain("returned nothing");
});

test("run, runs and usage mention requests of unknown cost beside each cost", async () => {
  const silent = DIALECTS.find(({ name }) => name === "usage-missing");
  await using stage = await openStage({ OPENROUTER_DEFAULT_MODEL: dialectModel(silent!) });
  const { orchestra } = stage;
  const run = await orchestra("run", "One?");
  expect(run.code).toBe(0);
  const missing = "at least 0 tokens, $0.00 + 1 request of unknown cost";
  const flat = (text: string) => text.replaceAll(/\s+/g, " ");
  expect(flat(run.stderr)).toContain(`(1 call, ${missing})`);
  const list = await orchestra("runs", "list");
  expect(flat(list.stdout)).toContain("$0.00 + 1 request of unknown cost");
  const [id = ""] = list.stdout.split(" ");
  const [show, trace, usage, json] = [
    await orchestra("runs", "show", id),
    await orchestra("runs", "trace", id),
    await orchestra("usage"),
    await orchestra("usage", "--json"),
  ];
  expect(flat(show.stdout + show.stderr)).toContain(missing);
  expect(flat(trace.stdout)).toContain(missing);
  expect(usage.stdout).toContain(
    "$0.00 + 1 request of unknown cost\n  1 run, 1 call, at least 0 tokens\n",
  );
  expect(JSON.parse(json.stdout)).toMatchObject({
    total: { unknownUsageAttempts: 1, unknownCostAttempts: 1 },
  });
});
