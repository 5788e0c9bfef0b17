import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { completion } from "../completions/__fixtures__/completions.ts";
import { Orchestra } from "../orchestra.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import type { CallRecord, OrchestraEvent } from "../usage/index.ts";

const models = { data: [{ id: "priced/model", pricing: { prompt: "0.001", completion: "0.01" } }] };

/** An orchestra on a server that answers so, without retries and without `GET /generation`. */
async function start(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  environment: Record<string, string> = {},
) {
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === "POST") return answer(request, response);
    if (request.url?.includes("/models")) return void response.end(JSON.stringify(models));
    response.writeHead(404).end("not found");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const records: CallRecord[] = [];
  const events: OrchestraEvent[] = [];
  const orchestra = new Orchestra({
    logger: { error() {}, warn() {}, info() {}, debug() {} },
    onCall: (record) => records.push(record),
    onEvent: (event) => events.push(event),
    environment: {
      OPENROUTER_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENROUTER_API_KEY: "sk-or-v1-0123456789",
      OPENROUTER_DEFAULT_MODEL: "some/model",
      LLM_MAX_RETRIES: "0",
      ...environment,
    },
  });
  return {
    orchestra,
    records,
    events,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const send = (body: object) => (_: IncomingMessage, response: ServerResponse) =>
  void response.setHeader("content-type", "application/json").end(JSON.stringify(body));
const tokens = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
const unknown = { unknownUsageAttempts: 1, unknownCostAttempts: 1 };
const unpriced = { unknownUsageAttempts: 0, unknownCostAttempts: 1 };
const known = { unknownUsageAttempts: 0, unknownCostAttempts: 0 };

describe("the ledger", () => {
  test("counts answers without usage, in all of its sums", async () => {
    await using t = await start(send({ ...completion(), usage: undefined }));
    await t.orchestra.chat("Hello");
    await t.orchestra.chat("Hello again");
    await t.orchestra.flushCosts();
    expect(t.records[0]).toMatchObject({
      ...unknown,
      costUsd: 0,
      attempts: [{ usageIsUnknown: true, costIsUnknown: true }],
    });
    const both = { attempts: 2, unknownUsageAttempts: 2, unknownCostAttempts: 2, costUsd: 0 };
    const { ledger } = t.orchestra;
    expect(ledger.total).toMatchObject(both);
    expect(ledger.by("role").get("general")).toMatchObject(both);
    expect(ledger.by("model").get("some/model")).toMatchObject(both);
    for (const { runId } of t.records) expect(ledger.run(runId)).toMatchObject(unknown);
  });

  test("counts tokens without a price as a cost that is unknown", async () => {
    await using t = await start(send({ ...completion(), usage: tokens }));
    await t.orchestra.chat("Hello");
    await t.orchestra.flushCosts();
    const [record] = t.records;
    expect(record).toMatchObject({ unknownCostAttempts: 1, attempts: [{ costIsUnknown: true }] });
    expect(record).not.toHaveProperty("unknownUsageAttempts");
    expect(record?.attempts[0]).not.toHaveProperty("usageIsUnknown");
    expect(t.orchestra.ledger.total).toMatchObject({ ...unpriced, promptTokens: 10, costUsd: 0 });
  });

  test("counts them no longer when the catalog has the price", async () => {
    await using t = await start(send({ ...completion(), usage: tokens }), {
      OPENROUTER_DEFAULT_MODEL: "priced/model",
    });
    await t.orchestra.chat("Hello");
    await t.orchestra.flushCosts();
    expect(t.records[0]).toMatchObject({ unknownCostAttempts: 1, costUsd: 0 });
    const missing = { ...known, unknownCostAttempts: -1, promptTokens: 0, costUsd: 0.05 };
    expect(t.events.findLast(({ type }) => type === "reconcile")).toMatchObject({ missing });
    expect(t.orchestra.ledger.total).toMatchObject({ ...known, promptTokens: 10, costUsd: 0.05 });
  });

  test.each([
    ["a cost of 0", send({ ...completion(), usage: { ...tokens, cost: 0 } })],
    [
      "a refusal",
      (_: IncomingMessage, response: ServerResponse) => void response.writeHead(401).end("{}"),
    ],
  ])("counts nothing for %s: its cost is known", async (_, respond) => {
    await using t = await start(respond);
    await t.orchestra.chat("Hello").catch(() => undefined);
    await t.orchestra.flushCosts();
    expect(t.records[0]).not.toHaveProperty("unknownCostAttempts");
    expect(t.orchestra.ledger.total).toMatchObject({ attempts: 1, ...known });
  });

  test("counts a connection that broke: the request may be charged", async () => {
    await using t = await start((request) => void request.socket.destroy());
    await t.orchestra.chat("Hello").catch(() => undefined);
    await t.orchestra.flushCosts();
    expect(t.records[0]).toMatchObject(unknown);
    expect(t.orchestra.ledger.total).toMatchObject({ attempts: 1, ...unknown });
  });

  test("counts nothing where there is no server: nothing was sent", async () => {
    const t = await start(send(completion()));
    await t[Symbol.asyncDispose]();
    await t.orchestra.chat("Hello").catch(() => undefined);
    expect(t.orchestra.ledger.total).toMatchObject({ attempts: 1, ...known });
  });

  test("counts the attempts that began to answer, and none that was refused", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "no-credits", times: 1 });
    t.sandbox.order({ fault: "error-mid-stream", times: 1 });
    await t.orchestra.chat("Hello").catch(() => undefined);
    await t.orchestra.chat("Hello again");
    await t.orchestra.flushCosts();
    const sum = t.records.reduce(
      (all, { unknownCostAttempts = 0 }) => all + unknownCostAttempts,
      0,
    );
    expect(sum).toBe(1);
    expect(t.orchestra.ledger.total).toMatchObject(known);
  });

  test("counts a request that was cut off until OpenRouter returns its cost", async () => {
    await using t = await startTestOrchestra({
      sandbox: { latency: { betweenTokensMs: 30_000 } },
    });
    const caller = new AbortController();
    const configurable = { user: "ada" };
    const call = t.orchestra.chat("When was it built?", { signal: caller.signal, configurable });
    await expect.poll(() => t.events.some(({ type }) => type === "text-delta")).toBe(true);
    caller.abort();
    await expect(call).rejects.toThrow(/abort/i);
    expect(t.record()).toMatchObject({ ...unknown, user: "ada" });
    await t.orchestra.flushCosts();
    const missing = { unknownUsageAttempts: -1, unknownCostAttempts: -1 };
    const { startedAt, user } = t.record();
    expect(t.events.filter(({ type }) => type === "reconcile")).toMatchObject([
      { missing, call: { startedAt, user } },
    ]);
    const { costUsd } = t.sandbox.books.totals();
    expect(t.orchestra.ledger.total).toMatchObject({ ...known, costUsd });
    expect(t.orchestra.ledger.run(t.record().runId)).toMatchObject({ ...known, costUsd });
  });
});
