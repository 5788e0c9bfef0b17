import { inspect } from "node:util";
import { RunnableLambda } from "@langchain/core/runnables";
import { describe, expect, test } from "vitest";
import { sendJson, serve } from "../completions/__fixtures__/loopback.ts";
import { CallFailedError } from "../errors/index.ts";
import { startTestOrchestra, type TestOrchestra } from "../test-support/test-orchestra.ts";
import { runIdOf } from "./call-options.ts";

const model = "sandbox/embedding";
const rerankModel = "sandbox/rerank";
const texts = ["The copper bell of Varn", "A silver horn"];

const complete = ({ orchestra }: TestOrchestra) =>
  orchestra.completions.create({ messages: [{ role: "user", content: "Hi" }] });
const embed = ({ orchestra }: TestOrchestra, variant = "", input: string | string[] = texts) =>
  orchestra.embeddings.create({ model: `${model}${variant}`, input });

const rank = ({ orchestra }: TestOrchestra, variant = "") =>
  orchestra.rerank.create({
    model: `${rerankModel}${variant}`,
    query: "silver horn",
    documents: texts,
  });

async function failureOf(call: Promise<unknown>): Promise<CallFailedError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (CallFailedError.isInstance(error)) return error;
  throw new Error(`Expected a CallFailedError: ${inspect(error)}`);
}

describe("embeddings", () => {
  test("are one vector for each text, charged and recorded as every other call", async () => {
    await using t = await startTestOrchestra();
    const { vectors, model: served, usage } = await embed(t);
    expect(vectors.map(({ length }) => length)).toEqual([512, 512]);
    expect(served).toBe(model);
    const [entry] = t.sandbox.books.entries;
    expect(usage).toMatchObject({ promptTokens: entry?.promptTokens, costUsd: entry?.costUsd });
    expect(usage.costUsd).toBeGreaterThan(0);
    expect(t.record()).toMatchObject({
      role: "embeddings",
      status: "succeeded",
      model,
      via: "openrouter",
      provider: "Sandbox",
      costUsd: entry?.costUsd,
      attempts: [{ status: 200, generationId: entry?.id }],
    });
    expect(t.orchestra.ledger.total.costUsd).toBe(entry?.costUsd);
  });

  test("are asked for by OpenRouter's fields, and nothing of a chat", async () => {
    await using t = await startTestOrchestra({
      environment: { OPENROUTER_PROVIDER: '{"data_collection":"deny"}' },
    });
    await t.orchestra.embeddings.create(
      { model, input: "a", dimensions: 8, input_type: "search_query" },
      { runId: "run-1" },
    );
    expect(t.sandbox.books.entries.map(({ body }) => body)).toEqual([
      {
        model,
        input: ["a"],
        dimensions: 8,
        input_type: "search_query",
        session_id: "run-1",
        provider: { data_collection: "deny" },
      },
    ]);
  });

  test.each(["base64", "shuffled", "no-index", "nested"])(
    "are the same however they are written: %s",
    async (variant) => {
      await using t = await startTestOrchestra();
      const { vectors } = await embed(t, `-${variant}`);
      expect(vectors).toEqual((await embed(t)).vectors);
    },
  );

  test.each([
    ["fewer", "1 embeddings for 2 inputs"],
    ["more", "3 embeddings for 2 inputs"],
    ["same-index", "indexes"],
    ["nan", "not a finite number"],
    ["infinite", "not a finite number"],
    ["ragged", "different dimensions"],
    ["huge", "more than 65536 dimensions"],
    ["words", "is not a vector"],
  ])("that cannot be are an error, and charged: %s", async (variant, message) => {
    await using t = await startTestOrchestra();
    const error = await failureOf(embed(t, `-${variant}`));
    expect(error.message).toContain(message);
    expect(error.code).toBe("invalid_response_error");
    expect(t.record()).toMatchObject({
      status: "failed",
      costUsd: t.sandbox.books.totals().costUsd,
    });
  });

  test("have a cost by the catalog if the server reports only tokens", async () => {
    const usage = { prompt_tokens: 1000, total_tokens: 1000 };
    await using server = await serve((response) => {
      const pricing = { prompt: "0.00001", completion: "0", request: "0.5" };
      const body = response.req.url?.includes("/models")
        ? { data: [{ id: "a/b", pricing, context_length: 10 }] }
        : { data: [{ embedding: [1] }], usage };
      sendJson(response, body);
    });
    await using t = await startTestOrchestra({ environment: { OPENROUTER_BASE_URL: server.url } });
    await t.orchestra.embeddings.create({ model: "a/b", input: "a" });
    await t.orchestra.flushCosts();
    expect(t.orchestra.ledger.total.costUsd).toBeCloseTo(0.51);
    const asked = server.received.find(({ path }) => path?.includes("/models"));
    expect(asked?.path).toContain("output_modalities=embeddings,rerank");
  });
});

describe("rankings", () => {
  test("have the most relevant document first, however it is written", async () => {
    await using t = await startTestOrchestra();
    for (const variant of ["", "-shuffled", "-fewer"]) {
      const { results } = await rank(t, variant);
      expect(results[0]).toMatchObject({ index: 1 });
    }
    expect(t.records).toMatchObject([{ role: "rerank", costUsd: 0.002 }, {}, {}]);
    expect(t.sandbox.books.entries[0]?.body).toMatchObject({
      query: "silver horn",
      documents: texts,
    });
  });

  test.each(["none", "far-index", "same-index", "nan"])(
    "that are none fail: %s",
    async (variant) => {
      await using t = await startTestOrchestra();
      const error = await failureOf(rank(t, `-${variant}`));
      expect(error.code).toBe("invalid_response_error");
    },
  );
});

describe("each of the calls", () => {
  test("is retried, and records each attempt", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "status", status: 503, times: 2 });
    await embed(t);
    expect(t.record().attempts.map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(t.events.filter(({ type }) => type === "retry")).toHaveLength(2);
  });

  test.each(["cut", "broken-json", "error-200", "reset"] as const)(
    "fails where all its answers are broken: %s",
    async (fault) => {
      await using t = await startTestOrchestra({ environment: { LLM_MAX_RETRIES: "1" } });
      t.sandbox.order({ fault });
      await failureOf(embed(t));
      await failureOf(rank(t));
      expect(t.records.map(({ status }) => status)).toEqual(["failed", "failed"]);
    },
  );

  test("ends at its timeout, and closes the connection", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_MAX_RETRIES: "0", LLM_REQUEST_TIMEOUT: "0.05" },
    });
    t.sandbox.order({ fault: "hang" });
    expect((await failureOf(embed(t))).code).toBe("timeout_error");
  });

  test("ends with the caller's reason", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "hang" });
    const stop = new AbortController();
    const reason = new Error("the user left");
    const call = t.orchestra.embeddings.create(
      { model, input: "a" },
      {
        signal: stop.signal,
        onEvent: ({ type }) => type === "attempt-start" && stop.abort(reason),
      },
    );
    await expect(call).rejects.toBe(reason);
    expect(t.record().status).toBe("aborted");
  });

  test("does not exceed the budget, with the price of its own catalog", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_BUDGET_USD_PER_DAY: "0.003" },
    });
    await embed(t);
    await rank(t);
    expect((await failureOf(rank(t))).code).toBe("budget_error");
    expect(t.events.filter(({ type }) => type === "budget")).toHaveLength(1);
    expect(t.sandbox.books.entries).toHaveLength(2);
  });

  test("waits for the account's limits", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_REQUESTS_PER_DAY: "1" } });
    await embed(t);
    expect((await failureOf(embed(t))).code).toBe("quota_error");
  });

  test("leaves out a field that the server refuses", async () => {
    await using server = await serve((response) => {
      const isRefused = server.received.at(-1)?.body["input_type"] !== undefined;
      const error = { message: "Unrecognized request argument supplied: input_type" };
      if (isRefused) sendJson(response, { error }, 400);
      else sendJson(response, { data: [{ embedding: [1] }] });
    });
    await using t = await startTestOrchestra({ environment: { OPENROUTER_BASE_URL: server.url } });
    const request = { model, input: "a", input_type: "search_query" };
    await t.orchestra.embeddings.create(request);
    await t.orchestra.embeddings.create(request);
    expect(server.received.filter(({ path }) => path?.endsWith("/embeddings"))).toHaveLength(3);
  });

  test.each([
    ["an embeddings call", (t: TestOrchestra): Promise<unknown> => embed(t)],
    ["a completion", complete],
  ])("belongs to the run around it: %s", async (_, call) => {
    await using t = await startTestOrchestra();
    let runId: string | undefined;
    const events: string[] = [];
    const step = RunnableLambda.from(async (_: string, config) => {
      runId = runIdOf(config);
      await call(t);
      return "";
    });
    const on_event = ({ type }: Event) => events.push(type);
    await step.invoke("", { configurable: { on_event, trace_id: "a-trace" } });
    expect(t.record()).toMatchObject({ runId, traceId: "a-trace" });
    expect(events).toContain("call-end");
  });

  test("has its own timeout, and is not retried where the caller can continue without it", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_REQUEST_TIMEOUT: "60" } });
    t.sandbox.order({ fault: "hang" });
    const request = { model, input: "a" };
    const options = { timeoutMs: 50, failFast: true };
    expect((await failureOf(t.orchestra.embeddings.create(request, options))).code).toBe(
      "timeout_error",
    );
    expect(t.record().attempts).toHaveLength(1);
  });

  test("fails at once while its circuit is open, where the caller wants that", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_MAX_RETRIES: "0", LLM_CIRCUIT_COOLDOWN: "60" },
    });
    t.sandbox.order({ fault: "status", status: 503 });
    const tried = { failFast: true };
    for (let call = 0; call < 10; call += 1) {
      await failureOf(t.orchestra.embeddings.create({ model, input: "a" }, tried));
    }
    const { length } = t.sandbox.books.entries;
    expect(length).toBeLessThan(10);
    expect(t.events).toContainEqual(expect.objectContaining({ type: "circuit", to: "open" }));
    await failureOf(t.orchestra.embeddings.create({ model, input: "a" }));
    expect(t.sandbox.books.entries).toHaveLength(length + 1);
  });

  test.each([
    ["sandbox/status-503", ""],
    ["sandbox/embedding-fewer", ""],
    ["no/such", "output_modalities=embeddings,rerank lists them"],
    ["sandbox/status-401", "Check the key"],
  ])("advises what helps, and no fallback: %s", async (failing, advice) => {
    await using t = await startTestOrchestra({ environment: { LLM_MAX_RETRIES: "0" } });
    const request = { model: failing, input: ["a", "b"] };
    const { message } = await failureOf(t.orchestra.embeddings.create(request));
    expect(message).toContain(advice);
    expect(message).not.toMatch(/PORTKEY|chat completions/);
  });

  test("shows no key in its errors", async () => {
    const key = "sk-or-v1-test-0123456789";
    await using server = await serve((response) =>
      sendJson(response, { error: { message: `The key ${key} is bad` } }, 400),
    );
    await using t = await startTestOrchestra({ environment: { OPENROUTER_BASE_URL: server.url } });
    const error = await failureOf(embed(t));
    expect(inspect(error, { depth: 10 })).not.toContain(key);
    expect(JSON.stringify(t.events)).not.toContain(key);
  });
});

describe("a request that cannot work is refused before it is sent", () => {
  test.each([
    [{ input: "a" }, "request.model"],
    [{ model, input: [] }, "request.input"],
    [{ model, input: [""] }, "request.input"],
    [{ model, input: "a", dimensions: 1.5 }, "request.dimensions must be a whole number"],
  ])("embeddings.create(%j)", async (request, problem) => {
    await using t = await startTestOrchestra();
    const call = t.orchestra.embeddings.create(request as never);
    await expect(call).rejects.toThrow(problem);
    expect(t.sandbox.books.entries).toEqual([]);
  });

  test.each([
    [{ query: "a", documents: ["b"] }, "request.model"],
    [{ model, query: "", documents: ["b"] }, "request.query"],
    [{ model, query: "a", documents: [] }, "request.documents"],
    [{ model, query: "a", documents: [1] }, "request.documents[0]"],
  ])("rerank.create(%j)", async (request, problem) => {
    await using t = await startTestOrchestra();
    const call = t.orchestra.rerank.create(request as never);
    await expect(call).rejects.toThrow(problem);
  });

  test("options that cannot work too", async () => {
    await using t = await startTestOrchestra();
    const options = { signal: "soon" } as never;
    const call = t.orchestra.embeddings.create({ model, input: "a" }, options);
    await expect(call).rejects.toThrow("options.signal");
  });
});
