import { RunnableLambda } from "@langchain/core/runnables";
import {
  definePipeline,
  PostgresBudgetStore,
  type CreatedKey,
  type CreateKeyOptions,
  type Run,
} from "@orchestra/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerPipeline, openOnServer, question } from "@orchestra/runtime/test-support";
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

const keyOfSettings = { secret: "a-key-of-the-settings-0123" };
let t: RunServer;

beforeAll(async () => {
  t = await startRunServer({
    database: await openOnServer(),
    pipelines: [asks, answerPipeline],
    server: { keys: [keyOfSettings.secret] },
  });
  await t.work();
});
afterAll(() => t[Symbol.asyncDispose]());

/** Makes a key, and waits until the server knows it. */
async function create(options: CreateKeyOptions): Promise<CreatedKey> {
  const key = await t.runtime.keys.create({ scopes: ["runs:write"], ...options });
  await untilKeyIsKnown(t.url, key.secret);
  return key;
}

type Secret = Pick<CreatedKey, "secret">;
type Headers = Readonly<Record<string, string>>;

const request = (key: Secret, path: string, body: object, headers: Headers = {}) =>
  t.post(path, body, { ...headers, authorization: `Bearer ${key.secret}` });
const send = async (...of: Parameters<typeof request>): Promise<Run> =>
  (await (await request(...of)).json()) as Run;
const read = (key: Secret, path: string, method = "GET") =>
  fetch(t.url + path, { method, headers: { authorization: `Bearer ${key.secret}` } });
const ended = async (run: Promise<Run>): Promise<Run> => t.runtime.wait((await run).id);
const start = (key: CreatedKey, ...input: string[]) =>
  ended(send(key, "/runs", { pipeline: "asks", input }));

async function spentBy({ id }: CreatedKey): Promise<number> {
  await t.runtime.gateway.flushCosts();
  const store = new PostgresBudgetStore({ database: t.runtime.database });
  const { spent } = await store.balance({ scope: "key", id });
  return Number(spent.picoUsd) / 1e12;
}

test("a run is charged to the budget of its key, and fails when that is spent", async () => {
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

test("a resumed run belongs to the key that resumed it; without one it keeps its key", async () => {
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

test("a key that does not exist is refused before there is a run", async () => {
  const run = t.runtime.start("asks", [], { keyId: "none" });
  await expect(run).rejects.toThrow('options.keyId is "none", which is the id of no key');
});

test("an Idempotency-Key of one key is not that of another key, or of none", async () => {
  const once = { "idempotency-key": "order-7" };
  const work = { pipeline: "asks", input: ["general"] };
  const one = await create({ name: "first of two" });
  const two = await create({ name: "second of two" });
  const start = (key: Secret, body = work) => request(key, "/runs", body, once);
  const startedBy = async (key: Secret) => (await send(key, "/runs", work, once)).id;

  const ids = [await startedBy(one), await startedBy(two), await startedBy(keyOfSettings)];
  expect(new Set(ids).size).toBe(3);
  const others = { pipeline: "asks", input: ["writer"] };
  const conflict = (await (await start(two, others)).json()) as object;
  expect(JSON.stringify(conflict)).toContain(ids[1]);
  expect(JSON.stringify(conflict)).not.toContain(ids[0]);

  // A run stays the answer to the key that started it, also when another one lets it go on.
  for (const id of ids) await t.runtime.wait(id);
  for (const id of ids) {
    const { keyId } = await ended(send(two, `/runs/${id}/retry`, {}));
    expect(keyId).toBe(two.id);
  }
  expect(await Promise.all([one, two, keyOfSettings].map(startedBy))).toEqual(ids);

  const fork = (key: Secret) => send(key, `/runs/${ids[0]}/fork`, {}, { "idempotency-key": "f" });
  const forks = await Promise.all([one, two, keyOfSettings, one, two, keyOfSettings].map(fork));
  expect(new Set(forks.map(({ id }) => id)).size).toBe(3);
});

test("the scopes of a key are for the runs of all keys", async () => {
  const owner = await create({ name: "owner" });
  const reader = await create({ name: "reader", scopes: ["runs:read"] });
  const writer = await create({ name: "other writer" });
  const waiting = async (run: Promise<Run>): Promise<string> => {
    const { id } = await run;
    for await (const { type } of t.runtime.events(id)) if (type === "run-waiting") break;
    return id;
  };
  const startWaiting = () =>
    waiting(send(owner, "/runs", { pipeline: "answer", input: question, approval: true }));

  const act = async (run: string, action: string): Promise<Run> => {
    const answer = await request(writer, `/runs/${run}/${action}`, {});
    expect([action, answer.status]).toEqual([action, 200]);
    return (await answer.json()) as Run;
  };

  const id = await startWaiting();
  const fork = await waiting(send(writer, `/runs/${id}/fork`, {}));
  expect(await act(fork, "cancel")).toMatchObject({ keyId: writer.id });
  for (const action of ["cancel", "reject"]) {
    expect(await act(await startWaiting(), action)).toMatchObject({ keyId: owner.id });
  }
  expect(await act(id, "approve")).toMatchObject({ keyId: owner.id });
  await t.runtime.wait(id);
  for (const path of ["", "/events", "/export", `/compare?with=${fork}`]) {
    expect([path, (await read(reader, `/runs/${id}${path}`)).status]).toEqual([path, 200]);
  }
  const { runs } = (await (await read(reader, "/runs")).json()) as { readonly runs: Run[] };
  expect(runs.map((run) => run.id)).toContain(id);
  const filter = { status: ["cancelled"], pipeline: "answer" };
  const all = await request(writer, "/runs/retry", { filter });
  expect(await all.json()).toMatchObject({ matched: 2 });
  expect(await act(id, "retry")).toMatchObject({ keyId: writer.id });
  await act(id, "cancel");
  await t.runtime.wait(id);
  expect((await read(writer, `/runs/${id}`, "DELETE")).status).toBe(200);
});
