import { RunnableLambda } from "@langchain/core/runnables";
import {
  definePipeline,
  PostgresBudgetStore,
  type CreatedKey,
  type CreateKeyOptions,
  type Run,
  type UsageLine,
} from "@orchestra/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openOnServer } from "../../../runtime/src/test-support/databases.ts";
import { startRunServer, type RunServer } from "../test-support/start-run-server.ts";
import { untilKeyIsKnown } from "../test-support/until-key-is-known.ts";

/** Asks the roles of its input, one after the other. */
const asks = definePipeline({
  name: "asks",
  create: ({ orchestra }) =>
    RunnableLambda.from(async (roles: readonly string[]) => {
      for (const role of roles) await orchestra.modelFor(role).invoke(`Hello, ${role}`);
      return roles.length;
    }),
});

let t: RunServer;

beforeAll(async () => {
  t = await startRunServer({ database: await openOnServer(), pipelines: [asks] });
  await t.work();
});
afterAll(() => t[Symbol.asyncDispose]());

/** Makes a key, and waits until the server knows it. */
async function create(options: CreateKeyOptions): Promise<CreatedKey> {
  const key = await t.runtime.keys.create({ scopes: ["runs:write"], ...options });
  await untilKeyIsKnown(t.url, key.secret);
  return key;
}

const send = async (key: CreatedKey, path: string, body: object): Promise<Run> => {
  const headers = { authorization: `Bearer ${key.secret}` };
  return (await (await t.post(path, body, headers)).json()) as Run;
};
const ended = async (run: Promise<Run>): Promise<Run> => t.runtime.wait((await run).id);
const start = (key: CreatedKey, ...input: string[]) =>
  ended(send(key, "/runs", { pipeline: "asks", input }));

async function spentBy({ id }: CreatedKey): Promise<number> {
  await t.runtime.orchestra.flushCosts();
  const store = new PostgresBudgetStore({ database: t.runtime.database });
  const { spent } = await store.balance({ scope: "key", id });
  return Number(spent.picoUsd) / 1e12;
}

test("a run is booked on the budget of its key, and fails once that is spent", async () => {
  const key = await create({ name: "rich", budget: { usdTotal: 1 } });
  const run = await start(key, "general", "writer");
  expect(run).toMatchObject({ status: "succeeded", keyId: key.id });
  expect(run.usage.costUsd).toBeGreaterThan(0);
  expect(await spentBy(key)).toBeCloseTo(run.usage.costUsd, 9);

  const poor = await create({ name: "poor", budget: { usdTotal: 0.000_001 } });
  const failed = await start(poor, "general");
  expect(failed).toMatchObject({ status: "failed", error: { code: "budget_error" } });
  expect(failed.error?.message).toContain("The key's budget of $0.000001 does not cover");
});

test("a run may only use the roles of its key", async () => {
  const key = await create({ name: "writer", roles: ["writer"] });
  expect(await start(key, "writer")).toMatchObject({ status: "succeeded" });
  const failed = await start(key, "writer", "researcher");
  expect(failed).toMatchObject({ status: "failed", error: { code: "permission_error" } });
  expect(failed.error?.message).toContain(
    `The key "writer" is not for the role "researcher" (it is for writer)`,
  );
  expect(failed.usage.attempts).toBe(1);
});

test("a fork and a retry may not use a model that another key was allowed to name", async () => {
  const models = { writer: "openai/gpt-4o-mini" };
  const wide = await create({ name: "wide" });
  const narrow = await create({ name: "narrow", models: ["openai/gpt-4o"] });
  const { id } = await start(wide, "writer");
  const named = await ended(send(wide, `/runs/${id}/fork`, { models }));
  expect(named).toMatchObject({ status: "succeeded", keyId: wide.id });
  for (const action of ["fork", "retry"]) {
    const body = action === "fork" ? { input: ["writer", "writer"] } : {};
    const refused = await ended(send(narrow, `/runs/${named.id}/${action}`, body));
    expect(refused).toMatchObject({ status: "failed", keyId: narrow.id, models });
    expect(refused.error?.message).toContain('is not for the model "openai/gpt-4o-mini"');
  }
});

test("a run that goes on is of the key that lets it go on; without one it keeps its key", async () => {
  const poor = await create({ name: "spent", budget: { usdTotal: 0 } });
  const payer = await create({ name: "payer", budget: { usdTotal: 1 } });
  const { id } = await start(poor, "general");
  await t.runtime.resume(id);
  expect(await t.runtime.wait(id)).toMatchObject({ status: "failed", keyId: poor.id });
  const resumed = await ended(send(payer, `/runs/${id}/resume`, {}));
  expect(resumed).toMatchObject({ status: "succeeded", keyId: payer.id });
  expect(await spentBy(payer)).toBeCloseTo(resumed.usage.costUsd, 9);
  expect(await spentBy(poor)).toBe(0);
});

test("usage by key has the runs of each key, and those without one", async () => {
  const key = await create({ name: "counted" });
  const { usage } = await start(key, "general");
  const { id } = await t.runtime.start("asks", ["general"]);
  await t.runtime.wait(id);
  const admin = await create({ name: "admin", scopes: ["admin"] });
  const headers = { authorization: `Bearer ${admin.secret}` };
  const answer = await fetch(`${t.url}/usage?by=key`, { headers });
  const { lines } = (await answer.json()) as { readonly lines: readonly UsageLine[] };
  expect(lines).toContainEqual({ ...usage, name: "counted", runs: 1 });
  expect(lines).toContainEqual(expect.objectContaining({ name: "(no key)", runs: 1 }));
});

test("a key that does not exist is refused before there is a run", async () => {
  const run = t.runtime.start("asks", [], { keyId: "none" });
  await expect(run).rejects.toThrow('options.keyId is "none", which is the id of no key');
});
