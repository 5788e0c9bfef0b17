import { describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../sandbox.ts";
import { json } from "../test-client.ts";
import { isJsonObject, type JsonObject } from "../wire/chat-request.ts";
import { EMBEDDING_VARIANTS, RERANK_VARIANTS } from "./variants.ts";

const model = "sandbox/embedding";

function ask(sandbox: Sandbox, path: string, body: object, key = "sk-or-v1-test") {
  return fetch(`${sandbox.url}/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function vectors(sandbox: Sandbox, input: unknown, fields: object = {}): Promise<number[][]> {
  const { data } = await json(await ask(sandbox, "embeddings", { model, input, ...fields }));
  return (data as { embedding: number[] }[]).map(({ embedding }) => embedding);
}

function similarity(a: readonly number[] = [], b: readonly number[] = []): number {
  return a.reduce((sum, value, place) => sum + value * (b[place] ?? 0), 0);
}

describe("vectors", () => {
  test("have the length 1, are the same each time, and as many dimensions as are asked for", async () => {
    await using sandbox = await startSandbox();
    const [vector = []] = await vectors(sandbox, "The copper bell of Varn");
    expect(vector).toHaveLength(512);
    expect(similarity(vector, vector)).toBeCloseTo(1, 4);
    expect(await vectors(sandbox, ["The copper bell of Varn"])).toEqual([vector]);
    const [short] = await vectors(sandbox, "The copper bell of Varn", { dimensions: 8 });
    expect(short).toHaveLength(8);
  });

  test.each([
    ["misspelt words", "conection retrys", "Retries of a connection"],
    ["other forms of a word", "retrying", "It retries each request"],
    ["Chinese", "模型的价格", "每个模型都有价格"],
  ])("are nearer to a text that shares its letters: %s", async (_, query, near) => {
    await using sandbox = await startSandbox();
    const [asked, close, far] = await vectors(sandbox, [query, near, "Bells made of copper"]);
    expect(similarity(asked, close)).toBeGreaterThan(similarity(asked, far) + 0.1);
  });
});

test("a ranking puts the document that shares the query's words first", async () => {
  await using sandbox = await startSandbox();
  const answer = await json(
    await ask(sandbox, "rerank", {
      model: "cohere/rerank-v3.5",
      query: "capital of France",
      documents: ["Berlin is the capital of Germany.", { text: "Paris is the capital of France." }],
      top_n: 1,
    }),
  );
  expect(answer).toMatchObject({
    model: "cohere/rerank-v3.5",
    results: [{ index: 1, document: { text: "Paris is the capital of France." } }],
    usage: { search_units: 1, cost: 0.002 },
  });
});

describe("the endpoints", () => {
  test("charge for tokens and requests, and keep books", async () => {
    await using sandbox = await startSandbox();
    const response = await ask(sandbox, "embeddings", { model, input: ["abcd".repeat(100), "ab"] });
    expect(await json(response)).toMatchObject({
      usage: { prompt_tokens: 101, total_tokens: 101, cost: 0.00000202 },
    });
    expect(sandbox.books.entries).toMatchObject([
      { modelServed: model, status: 200, promptTokens: 101, costUsd: 0.00000202 },
    ]);
    expect(response.headers.get("x-generation-id")).toBe(sandbox.books.entries[0]?.id);
  });

  test.each([
    ["embeddings", { model: "openai/gpt-4o", input: "a" }, 404, "support embeddings"],
    ["rerank", { model, query: "a", documents: ["b"] }, 404, "support rerank"],
    ["embeddings", { model, input: [] }, 400, "input"],
    ["embeddings", { model, input: [""] }, 400, "not empty"],
    ["embeddings", { model, input: "a", dimensions: 0 }, 400, "dimensions"],
    ["embeddings", { model, input: "long ".repeat(10_000) }, 400, "8192"],
    ["rerank", { model: "sandbox/rerank", query: "a" }, 400, "documents"],
    ["embeddings", { model: "sandbox/status-503", input: "a" }, 503, ""],
    ["embeddings", { model: "sandbox/no-credits", input: "a" }, 402, ""],
  ])("refuse %s of %j", async (path, body, status, message) => {
    await using sandbox = await startSandbox();
    const response = await ask(sandbox, path, body);
    expect(response.status).toBe(status);
    expect(JSON.stringify(await response.json())).toContain(message);
  });

  test("want a key, and have the account's limits", async () => {
    await using sandbox = await startSandbox({ limits: { requestsPerMinute: 1 } });
    expect((await ask(sandbox, "embeddings", { model, input: "a" }, "")).status).toBe(401);
    expect((await ask(sandbox, "embeddings", { model, input: "a" })).status).toBe(200);
    expect((await ask(sandbox, "embeddings", { model, input: "a" })).status).toBe(429);
  });

  test("break off, and answer with an error in a 200, as faults order", async () => {
    await using sandbox = await startSandbox();
    sandbox.order({ fault: "cut", times: 1 }, { fault: "error-200", times: 1 });
    const cut = await ask(sandbox, "embeddings", { model, input: "a" });
    await expect(cut.text()).rejects.toThrow(/terminated|closed/);
    const body = await json(await ask(sandbox, "embeddings", { model, input: "a" }));
    expect(body).toMatchObject({ error: { code: 429 } });
    expect(sandbox.books.entries.at(-1)).toMatchObject({ fault: "error-200", costUsd: 0 });
  });
});

test("the lists of models have them where they are asked for, and nowhere else", async () => {
  await using sandbox = await startSandbox();
  const idsOf = async (path: string) => {
    const { data } = await json(await fetch(`${sandbox.url}/${path}`));
    return (data as { id: string }[]).map(({ id }) => id);
  };
  expect(await idsOf("models")).not.toContain(model);
  expect(await idsOf("embeddings/models")).toContain(model);
  expect(await idsOf("embeddings/models")).not.toContain("sandbox/rerank");
  const both = await idsOf("models?output_modalities=embeddings,rerank");
  expect(both).toEqual(expect.arrayContaining([model, "sandbox/rerank"]));
  expect(both).not.toContain("openai/gpt-4o");
  expect(await idsOf("models?output_modalities=all")).toContain("openai/gpt-4o");
});

describe("each variant changes the answer, and the price stays", () => {
  const usual = async (sandbox: Sandbox, path: string, body: JsonObject) =>
    json(await ask(sandbox, path, body));
  test.each([
    ...EMBEDDING_VARIANTS.map(({ name }) => ["embeddings", `embedding-${name}`] as const),
    ...RERANK_VARIANTS.map(({ name }) => ["rerank", `rerank-${name}`] as const),
  ])("%s: sandbox/%s", async (path, name) => {
    await using sandbox = await startSandbox();
    const documents = ["a bell", "two bells of Varn"];
    const asked = path === "rerank" ? { query: "bells of Varn", documents } : { input: documents };
    const kind = path === "rerank" ? "sandbox/rerank" : model;
    const isOne = name === "embedding-unsteady";
    const fields = isOne ? { input: "a" } : asked;
    const plain = await usual(sandbox, path, { model: kind, ...fields });
    const { model: served, ...altered } = await usual(sandbox, path, {
      model: `sandbox/${name}`,
      ...fields,
    });
    expect(served).toBe(`sandbox/${name}`);
    const { id: _, model: __, ...rest } = plain;
    const { id: ___, ...changed } = altered;
    expect(isJsonObject(changed)).toBe(true);
    expect(changed).not.toEqual(rest);
    const [first, second] = sandbox.books.entries;
    expect(second?.costUsd).toBe(first?.costUsd);
  });
});
