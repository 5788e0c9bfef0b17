import { Orchestra } from "@orchestra/core";
import { openRuntime, type CreatedKey, type UsageKey, type UsageLine } from "@orchestra/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerPipeline, openOnServer } from "@orchestra/runtime/test-support";
import { serve } from "../serve.ts";
import { hello, question } from "../test-support/client.ts";
import { startRunServer, type RunServer } from "../test-support/start-run-server.ts";
import { untilKeyIsKnown } from "../test-support/until-key-is-known.ts";

const secret = "sk-or-v1-5f3a9c2e7b1d4086";

let t: RunServer;
/** Base URLs of two servers on one database, each with a runtime of its own. */
let urls: readonly [string, string];
let admin: CreatedKey;
let team: CreatedKey;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  const database = await openOnServer();
  t = stack.use(await startRunServer({ database }));
  const second = stack.use(await openOnServer({ like: database }));
  const runtime = stack.use(
    await openRuntime({
      pipelines: [answerPipeline],
      database: second,
      environment: {
        OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
        OPENROUTER_BASE_URL: t.sandbox.url,
        OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
        LOG_LEVEL: "silent",
      },
    }),
  );
  const poet = new Orchestra(runtime.gateway).agent({ name: "poet", system: "You write haiku." });
  const options = { runtime, agents: [poet], environment: {}, port: 0, graceMs: 0 };
  const other = stack.use(await serve(options));
  urls = [t.url, other.url];
  await t.work();
  admin = await t.runtime.keys.create({ name: "admin", scopes: ["admin"] });
  team = await t.runtime.keys.create({ name: "team", scopes: ["chat", "runs:write"] });
  for (const url of urls) {
    for (const key of [admin, team]) await untilKeyIsKnown(url, key.secret);
  }
});
afterAll(() => stack.disposeAsync());

async function send(key: CreatedKey, url: string, body: object): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key.secret}` },
    body: JSON.stringify(body),
  });
  return response.text();
}

async function usage(key: CreatedKey, by: UsageKey, url = urls[0]): Promise<readonly UsageLine[]> {
  const headers = { authorization: `Bearer ${key.secret}` };
  const response = await fetch(`${url}/usage?by=${by}`, { headers });
  expect(response.status).toBe(200);
  return ((await response.json()) as { readonly lines: readonly UsageLine[] }).lines;
}

const sumOf = (lines: readonly UsageLine[], field: "calls" | "costUsd" | "promptTokens") =>
  lines.reduce((sum, line) => sum + line[field], 0);

test("all that two servers and a worker do is in the usage, once, by each of its names", async () => {
  const [one, two] = urls;
  await send(team, `${one}/chat/completions`, { ...hello, user: "ada" });
  await send(team, `${two}/chat/completions`, { ...question, user: "ada", stream: true });
  await send(team, `${one}/chat/completions`, { ...hello, model: "no/such-model", user: "ada" });
  await send(admin, `${two}/chat/completions`, {
    ...hello,
    agent_type: "researcher",
    user: secret,
  });
  await send(team, `${two}/responses`, { input: "Hello", user: "bo" });
  await send(team, `${two}/agents/poet/invoke`, { input: "Autumn", user: "bo" });
  await send(team, `${two}/agents/poet/stream`, { input: "Winter" });
  const work = { pipeline: "answer", input: { task: "When was it built?" }, user: "bo" };
  const { id } = JSON.parse(await send(team, `${two}/runs`, work)) as { readonly id: string };
  const run = await t.runtime.wait(id);
  expect(run).toMatchObject({ status: "succeeded", user: "bo", keyId: team.id });

  const calls = 7 + run.usage.calls;
  await expect.poll(async () => sumOf(await usage(admin, "day"), "calls")).toBe(calls);
  const books = t.sandbox.books.totals();
  const kinds: readonly UsageKey[] = ["day", "role", "model", "key", "user"];
  for (const [index, by] of kinds.entries()) {
    const lines = await usage(admin, by, urls[index % 2]);
    expect(sumOf(lines, "calls")).toBe(calls);
    expect(sumOf(lines, "costUsd")).toBeCloseTo(books.costUsd, 9);
    expect(sumOf(lines, "promptTokens")).toBe(books.promptTokens);
  }
  const callsBy = async (by: UsageKey, key = admin) =>
    Object.fromEntries((await usage(key, by)).map((line) => [line.name, line.calls]));
  expect(await callsBy("user")).toEqual({
    ada: 3,
    bo: 2 + run.usage.calls,
    "(no user)": 1,
    "sk-[redacted]": 1,
  });
  expect(await callsBy("key")).toEqual({ admin: 1, team: calls - 1 });
  expect(await callsBy("role")).toMatchObject({ general: 4, poet: 2 });
  expect(await callsBy("model")).toEqual({ "openai/gpt-4o": calls - 1, "no/such-model": 1 });

  // A key without the scope admin sees what is its own.
  expect(await callsBy("key", team)).toEqual({ team: calls - 1 });
  expect(await callsBy("user", team)).not.toHaveProperty("sk-[redacted]");
  expect(await usage(team, "pipeline")).toMatchObject([{ name: "answer", runs: 1 }]);
  const reader = await t.runtime.keys.create({ name: "reader", scopes: ["runs:read"] });
  await untilKeyIsKnown(urls[0], reader.secret);
  for (const by of ["day", "status"] as const) expect(await usage(reader, by)).toEqual([]);
});
