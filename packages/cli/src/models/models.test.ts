import { startSandbox } from "@orchestra/sandbox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runHere } from "../test-support/run-here.ts";
import { json, startServer } from "../test-support/start-server.ts";

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

interface ListedModel {
  readonly id: string;
  readonly contextLength: number;
  readonly completionUsdPerMillion: number;
  readonly supportedParameters: readonly string[];
}

function models(args: readonly string[], url = sandbox.url) {
  const environment = { OPENROUTER_BASE_URL: url };
  return runHere(["models", ...args], { folder: import.meta.dirname, environment, columns: 60 });
}

async function listed(...args: readonly string[]): Promise<readonly ListedModel[]> {
  const { code, stdout } = await models([...args, "--json", "--limit", "1000"]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as ListedModel[];
}

describe("orchestra models", () => {
  test("finds models by parts of their ids, without a key", async () => {
    const found = await listed("claude", "anthropic/");
    expect(found.length).toBeGreaterThan(1);
    for (const { id } of found) expect(id).toMatch(/^anthropic\/.*claude/);
  });

  test("lists a router, whose price is -1, with an unknown price: last, and not with --max-price", async () => {
    const pricing = { prompt: "0.01", completion: "0.02" };
    const router = { id: "openrouter/auto", pricing: { prompt: "-1", completion: "-1" } };
    const list = { "/models": { data: [router, { id: "a/b", pricing }] } };
    await using server = await startServer(json(list));
    const all = await models([], server.url);
    expect(all.stdout).toBe(
      "a/b\n  context unknown, $10000.00 in, $20000.00 out\nopenrouter/auto\n  context unknown, ? in, ? out\n",
    );
    const cheap = await models(["--max-price", "1", "--json"], server.url);
    expect(JSON.parse(cheap.stdout)).toEqual([]);
  });

  test("filters by price, context and features", async () => {
    const all = await listed();
    const found = await listed("--max-price", "10", "--min-context", "100000", "--tools");
    const expected = all.filter(
      ({ completionUsdPerMillion: price, contextLength, supportedParameters }) =>
        price <= 10 && contextLength >= 100_000 && supportedParameters.includes("tools"),
    );
    expect(found).toEqual(expected);
    expect(found.length).toBeGreaterThan(3);
    expect(found.length).toBeLessThan(all.length);
    for (const { completionUsdPerMillion: price } of await listed("--free")) expect(price).toBe(0);
    for (const { supportedParameters } of await listed("--structured", "--parameter", "seed")) {
      expect(supportedParameters).toEqual(expect.arrayContaining(["structured_outputs", "seed"]));
    }
  });

  test("sorts by price, the cheapest first, or by context", async () => {
    const prices = (await listed()).map(({ completionUsdPerMillion: price }) => price);
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
    const contexts = (await listed("--sort", "context")).map(({ contextLength }) => contextLength);
    expect(contexts).toEqual(contexts.toSorted((a, b) => b - a));
  });

  test("fits 60 columns, and prints the number of models on standard error", async () => {
    const { stdout, stderr } = await models(["openai/gpt-4o", "--sort", "id"]);
    expect(stdout).toMatch(/^openai\/gpt-4o\n {2}128,000 tokens, \$2\.50 in, \$10\.00 out, tools/);
    expect(stderr).toMatch(/^\d+ models of \d+/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThan(61);
  });

  test("escapes control characters in the name of a model", async () => {
    const list = { "/models": { data: [{ id: "a/\u001b[2J" }] } };
    await using server = await startServer(json(list));
    expect(await models([], server.url)).toMatchObject({
      stdout: `${String.raw`a/\u001b[2J`}\n  context unknown, ? in, ? out\n`,
    });
  });

  test("reports a server without a list of models, and invalid options", async () => {
    await using server = await startServer(json({}));
    const { code, stdout, stderr } = await models([], server.url);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.replaceAll("\n", " ")).toContain("not a list of models");
    for (const line of stderr.split("\n")) expect(line.length).toBeLessThan(61);
    expect((await models([], "nowhere")).code).toBe(2);
    expect((await models(["--sort", "size"])).code).toBe(2);
  });
});
