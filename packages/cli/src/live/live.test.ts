import { DIALECTS, dialectModel, startSandbox } from "@orchestra/sandbox";
import { describe, expect, test } from "vitest";
import {
  contradictionsOf,
  interruptLive,
  live,
  liveOn,
  type LiveReport,
} from "../test-support/live.ts";
import { json, startServer } from "../test-support/start-server.ts";
import { lookUpGeneration } from "./look-up-generation.ts";
import { differences, shapeOf } from "./shape.ts";

describe("orchestra doctor --live", () => {
  test("prints the maximum cost before it starts, and finds no difference between two sandboxes", async () => {
    const { code, stdout, stderr, totals } = await liveOn({});
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(
      /^16 requests to http:\S+, 12 of them answered by openai\/gpt-4o-mini: at most \$0\.00\d+, and never more than \$0\.05\.\n/,
    );
    const { results, spentUsd } = JSON.parse(stdout) as LiveReport;
    const outcomes = results.map(({ id, outcome }) => [id, outcome]);
    expect(outcomes).toEqual([
      ...results.slice(0, -1).map(({ id }) => [id, "same"]),
      ["portkey-fallback", "skipped"],
    ]);
    expect(results).toHaveLength(16);
    expect(spentUsd).toBeCloseTo(totals.costUsd, 9);
    expect(spentUsd).toBeLessThan(0.05);
  });

  // Every tenth dialect; live.long.test.ts tests all.
  const dialects = DIALECTS.filter((_, index) => index % 10 === 0);
  test.each(dialects.map((dialect) => [dialect.name, dialectModel(dialect)] as const))(
    "prints differences for the dialect %s if and only if its form differs",
    async (_, model) => expect(await contradictionsOf(model)).toEqual([]),
  );

  test("sends a call with a fallback through Portkey, if one is configured", async () => {
    await using sandbox = await startSandbox();
    const { code, stdout } = await live(
      {
        OPENROUTER_BASE_URL: sandbox.url,
        PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
        PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o-mini"}]',
      },
      "--json",
    );
    expect(code).toBe(0);
    const { results } = JSON.parse(stdout) as LiveReport;
    expect(results.at(-1)).toMatchObject({ id: "portkey-fallback", outcome: "same" });
  });

  test("fails if the server refuses a request that the sandbox answers, and prints why", async () => {
    await using sandbox = await startSandbox();
    sandbox.order({ fault: "status", status: 402, times: 1 });
    const { code, stdout } = await live({ OPENROUTER_BASE_URL: sandbox.url });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ a whole answer, with usage and cost\n {4}HTTP 402: /);
    expect(stdout).toMatch(/✓ a streamed answer\n/);
  });

  test("sends nothing for a model whose price is unknown, or above the budget", async () => {
    const list = {
      "/models": {
        data: [
          { id: "a/no-price" },
          { id: "openrouter/auto", pricing: { prompt: "-1", completion: "-1" } },
          { id: "a/expensive", pricing: { prompt: "0.01", completion: "0.05" } },
        ],
      },
    };
    await using server = await startServer(json(list));
    const environment = { OPENROUTER_BASE_URL: server.url };
    for (const model of ["a/no-price", "openrouter/auto"]) {
      const unknown = await live(environment, "--live-model", model);
      expect(unknown).toMatchObject({ code: 2, stdout: "" });
      expect(unknown.stderr).toContain(`The price of ${model} is not known`);
    }
    const expensive = await live(environment, "--live-model", "a/expensive");
    expect(expensive.stderr).toContain("more than the $0.05 that are allowed");
    expect(new Set(server.requests)).toEqual(new Set(["GET /models"]));
  });

  test("ends on Ctrl-C while it waits for the catalog", async () => {
    await using server = await startServer(() => undefined);
    const isAsked = () => server.requests.length > 0;
    const ended = await interruptLive({ OPENROUTER_BASE_URL: server.url }, isAsked);
    expect(ended).toEqual({ code: 130, stdout: "", stderr: "Stopped by Ctrl-C\n" });
  });

  test("ends on Ctrl-C while it waits for the fallback, and prints the cost so far", async () => {
    await using sandbox = await startSandbox();
    sandbox.order({ fault: "hang", route: "gateway" });
    const environment = {
      OPENROUTER_BASE_URL: sandbox.url,
      PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
      PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o-mini"}]',
    };
    const isAsked = () => sandbox.books.entries.some(({ fault }) => fault === "hang");
    const { code, stderr } = await interruptLive(environment, isAsked);
    expect(code).toBe(130);
    expect(stderr).toMatch(/\$0\.00\d+ spent on the answers so far\.\nStopped by Ctrl-C\n$/);
  });
});

test("lookUpGeneration() asks again while the server does not know the generation", async () => {
  await using server = await startServer((_, response) => {
    response.writeHead(server.requests.length < 3 ? 404 : 200).end("{}");
  });
  const target = { baseUrl: server.url, headers: {}, model: "a/model" };
  const { signal } = new AbortController();
  const limits = { maxLookUps: 4, pauseMs: 0 };
  expect(await lookUpGeneration(target, "gen-1", signal, limits)).toMatchObject({ status: 200 });
  expect(server.requests).toHaveLength(3);
  expect(server.requests[0]).toBe("GET /generation?id=gen-1");
});

describe("differences()", () => {
  const of = (real: unknown, expected: unknown) => differences(shapeOf(real), shapeOf(expected));

  test("lists fields that are new, missing or of another type, each once", () => {
    expect(of({ a: 1, b: [{ c: 1 }, { c: 2 }] }, { a: 2, b: [{ c: 3 }] })).toEqual([]);
    expect(of({ a: "1", n: { x: 1 } }, { a: 1, m: { y: [1] } })).toEqual([
      "a is string; the sandbox has number",
      "n is new: object; the sandbox has none",
      "m is missing; the sandbox has object",
    ]);
    expect(of([{ id: null }], [{ id: "x" }])).toEqual(["[].id is null; the sandbox has string"]);
  });
});
