import { describe, expect, test } from "vitest";
import { noUsage } from "../usage/usage.ts";
import { failure, fakeRoute } from "./__fixtures__/fake-call.ts";
import { price } from "./price.ts";
import type { Reconciler } from "./reconciler.ts";

const found = { usage: { ...noUsage, costUsd: 0.5 }, costSource: "server" } as const;
const asked: string[] = [];
const reconciler = {
  find: async (id: string) => {
    asked.push(id);
    return found;
  },
  untilKnown: async (ask: () => Promise<unknown>) => (await ask()) ?? ask(),
} as unknown as Reconciler;

const tokens = { ...noUsage, promptTokens: 1000, completionTokens: 100 };
const priced = { usage: { ...tokens, costUsd: 2 }, costSource: "catalog" };
const known = {
  structuredOutputMethod: "jsonSchema",
  isFree: false,
  promptUsd: 0.001,
  completionUsd: 0.01,
} as const;
const unknown = { structuredOutputMethod: "jsonSchema", isFree: false } as const;

describe("price", () => {
  test("does not change the usage of another kind of chat model", () => {
    const metadata = { status: 200, usage: tokens };
    const route = fakeRoute("a", { via: "direct" });
    expect(price({ metadata }, route, reconciler)).toBe(metadata);
  });

  test.each(["portkey", "openrouter"] as const)(
    "computes the cost by the catalog, via %s",
    (via) => {
      const route = fakeRoute("a", { via, cachedModelInfo: () => known });
      expect(price({ metadata: { usage: tokens } }, route, reconciler)).toEqual({
        usage: { ...tokens, costUsd: 2 },
        costSource: "catalog",
      });
    },
  );

  test.each([
    ["prices below 0, as of a model that is chosen later", tokens, { promptUsd: -1 }],
    ["no tokens of the prompt", { ...tokens, promptTokens: 0 }, {}],
  ])("leaves the cost unknown with %s", async (_, usage, prices) => {
    const info = { ...known, ...prices };
    const route = fakeRoute("a", {
      via: "openrouter",
      cachedModelInfo: () => info,
      modelInfo: async () => info,
    });
    const end = price({ metadata: { usage } }, route, reconciler);
    expect(end).toMatchObject({ usage });
    expect(end.costSource).toBeUndefined();
    expect(await end.lateUsage).toBeUndefined();
  });

  test("needs no completion price if the answer has no tokens", () => {
    const info = { ...unknown, promptUsd: 0.001 };
    const route = fakeRoute("a", { via: "openrouter", cachedModelInfo: () => info });
    const usage = { ...tokens, completionTokens: 0 };
    expect(price({ metadata: { usage } }, route, reconciler)).toEqual({
      usage: { ...usage, costUsd: 1 },
      costSource: "catalog",
    });
  });

  test("adds the fee for a user's provider key to the price", () => {
    const route = fakeRoute("a", { via: "openrouter", cachedModelInfo: () => known });
    const usage = { ...tokens, costUsd: 0.1 };
    expect(price({ metadata: { usage } }, route, reconciler).usage?.costUsd).toBe(2.1);
  });

  test("asks what an answer cost that broke off after it had reported some of its usage", async () => {
    const route = fakeRoute("a", { via: "openrouter", cachedModelInfo: () => known });
    const error = failure("connection_error");
    const metadata = { status: 200, generationId: "gen-1", usage: tokens };
    const finding = (answer?: typeof found): Reconciler =>
      Object.assign({}, reconciler, { find: async () => answer });
    const end = price({ metadata, error }, route, finding(found));
    expect(end.usage).toBeUndefined();
    expect(await end.lateUsage).toEqual(found);
    const unbooked = fakeRoute("a", { via: "openrouter", modelInfo: async () => known });
    const estimate = price({ metadata, error }, unbooked, finding());
    expect(await estimate.lateUsage).toEqual(priced);
  });

  test("returns a promise of the cost while the catalog is not loaded", async () => {
    const route = fakeRoute("a", {
      via: "portkey",
      cachedModelInfo: () => unknown,
      modelInfo: async () => known,
    });
    const { usage, lateUsage } = price({ metadata: { usage: tokens } }, route, reconciler);
    expect(usage).toBe(tokens);
    expect(await lateUsage).toEqual(priced);
  });

  test("asks again while the catalog cannot be reached", async () => {
    const infos = [{ ...unknown, isMissing: true } as const, known];
    const route = fakeRoute("a", {
      via: "portkey",
      cachedModelInfo: () => unknown,
      modelInfo: async () => infos.shift() ?? unknown,
    });
    const { lateUsage } = price({ metadata: { usage: tokens } }, route, reconciler);
    expect(await lateUsage).toEqual(priced);
  });

  test("computes the cost of usage that a server sends after its answer", async () => {
    const metadata = { status: 200, lateUsage: Promise.resolve({ usage: tokens }) };
    const route = fakeRoute("a", { via: "openrouter", modelInfo: async () => known });
    const { lateUsage } = price({ metadata }, route, reconciler);
    expect(await lateUsage).toEqual(priced);
  });

  test("uses the cost that a server sends after its answer, even if it is 0", async () => {
    const late = { usage: tokens, costSource: "server" } as const;
    const metadata = { status: 200, lateUsage: Promise.resolve(late) };
    const route = fakeRoute("a", { via: "openrouter", modelInfo: async () => known });
    expect(await price({ metadata }, route, reconciler).lateUsage).toBe(late);
  });

  test("keeps the tokens that came after an answer of a model without a price", async () => {
    const metadata = { status: 200, lateUsage: Promise.resolve({ usage: tokens }) };
    const route = fakeRoute("a", { via: "openrouter", modelInfo: async () => unknown });
    expect(await price({ metadata }, route, reconciler).lateUsage).toEqual({ usage: tokens });
  });

  test("computes it by the model that answered, where a gateway falls back by itself", () => {
    const prices = [{ ...known, promptUsd: 1 }, known];
    const route = fakeRoute("a", {
      via: "portkey",
      cachedModelInfo: (target = 0) => prices[target] ?? unknown,
    });
    const metadata = { usage: tokens, gatewayTarget: 1 };
    expect(price({ metadata }, route, reconciler).usage?.costUsd).toBe(2);
  });

  test("returns no promise for a model without a price", async () => {
    const route = fakeRoute("a", { via: "portkey", modelInfo: async () => unknown });
    const { lateUsage } = price({ metadata: { usage: tokens } }, route, reconciler);
    expect(await lateUsage).toBeUndefined();
  });

  test("asks OpenRouter about an answer that was cut off", async () => {
    const metadata = { status: 200, generationId: "gen-1" };
    const error = failure("invalid_response_error");
    const { lateUsage } = price({ metadata, error }, fakeRoute("a"), reconciler);
    expect(await lateUsage).toBe(found);
    expect(asked).toEqual(["gen-1"]);
  });

  test("asks OpenRouter where nothing came after the answer", async () => {
    const lateUsage = Promise.resolve(undefined);
    const metadata = { status: 200, generationId: "gen-7", lateUsage };
    expect(await price({ metadata }, fakeRoute("a"), reconciler).lateUsage).toBe(found);
  });

  test.each([
    ["a request that was refused", { status: 429, generationId: "gen-2" }, {}],
    ["a response without an id", { status: 200 }, {}],
    ["a request without a response", {}, {}],
    ["an answer of another server", { status: 200, generationId: "chatcmpl-1" }, {}],
    ["a request to a gateway", { status: 200, generationId: "gen-2" }, { via: "portkey" }],
  ] as const)("asks nothing about %s", (_, metadata, fields) => {
    const error = failure("service_error");
    expect(price({ metadata, error }, fakeRoute("a", fields), reconciler)).toBe(metadata);
    expect(asked).not.toContain("gen-2");
  });
});
