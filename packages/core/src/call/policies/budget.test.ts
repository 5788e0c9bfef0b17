import { describe, expect, test } from "vitest";
import type { LateUsage, ResponseMetadata } from "../../usage/index.ts";
import { FakeClock } from "../../clock/fake-clock.ts";
import type { Answer } from "../../completions/index.ts";
import { Budget, MemoryBudgetStore, type BudgetLimit } from "../../resilience/budget/index.ts";
import { estimateRequest } from "../estimate-request.ts";
import { OpenRuns } from "../open-runs.ts";
import {
  answer,
  answered,
  errorOf,
  failure,
  fakeCall,
  fakeRoute,
  openedStream,
  readAll,
  runPolicy,
} from "../__fixtures__/fake-call.ts";
import { budget } from "./budget.ts";

const request = { model: "a", messages: [], max_tokens: 1000 };
/** Tokens that the policy sets aside for the request above: its prompt and its answer. */
const estimate = estimateRequest(request).promptTokens + 1000;

/** A day's budget, and what is booked on it. */
function setUp(limit: BudgetLimit = { maxTokens: 1_000_000 }, fields = {}) {
  const clock = new FakeClock(0);
  const store = new MemoryBudgetStore();
  const limits = new Budget({ limits: { day: limit }, store, clock });
  const fake = fakeCall({
    request,
    services: { clock, budget: limits, openRuns: new OpenRuns(limits) },
    ...fields,
  });
  const balance = async () => {
    const { spent, held } = await store.balance({ scope: "day", id: "1970-01-01" });
    return { spent: spent.tokens, held: held.tokens };
  };
  return { ...fake, clock, balance };
}

describe("budget", () => {
  test("is not there without a budget", () => {
    const { next, send } = runPolicy(budget, fakeCall().call);
    expect(send).toBe(next);
  });

  test("reserves the estimate while a request is in flight, and books its usage", async () => {
    const { call, clock, balance } = setUp();
    const response = Promise.withResolvers<Answer>();
    const work = runPolicy(budget, call, [() => response.promise]).run();
    await clock.advance(0);
    expect(await balance()).toEqual({ spent: 0, held: estimate });
    response.resolve(answer());
    await work;
    expect(await balance()).toEqual({ spent: 14, held: 0 });
  });

  test("sends nothing that the budget does not cover, and emits an event", async () => {
    const { call, of } = setUp({ maxTokens: estimate - 1 });
    const t = runPolicy(budget, call);
    const error = await errorOf(t.run());
    expect(error).toMatchObject({ kind: "budget_error" });
    expect(t.attempts).toEqual([]);
    expect(of("budget")).toMatchObject([{ model: "a", message: (error as Error).message }]);
  });

  test.each([
    [{}, 4096],
    [{ max_tokens: 8000 }, 8000],
    [{ max_completion_tokens: 7000 }, 7000],
  ])("mentions the assumed size of the prompt and the answer: %j", async (limit, tokens) => {
    const { call } = setUp({ maxTokens: 100 });
    const { max_tokens: _, ...request } = call.request;
    const t = runPolicy(budget, { ...call, request: { ...request, ...limit } });
    const error = await errorOf(t.run());
    expect(error).toMatchObject({
      kind: "budget_error",
      details: { limitSource: expect.stringContaining("orchestra_budget") as string },
    });
    const { promptTokens } = estimateRequest(call.request);
    expect((error as Error).message).toContain(
      `in code. Or make the request smaller: its prompt is estimated at ${promptTokens} tokens, its answer at ${tokens} (maxTokens).`,
    );
  });

  test.each<[string, ResponseMetadata | undefined]>([
    ["was not sent", undefined],
    ["was refused", { status: 429 }],
    ["was refused by a gateway that names a generation", { status: 502, generationId: "gen-1" }],
  ])("releases the reservation for a request that %s", async (_, response) => {
    const { call, balance } = setUp();
    const error = failure("timeout_error");
    await errorOf(runPolicy(budget, call, [response ? error.withResponse(response) : error]).run());
    expect(await balance()).toEqual({ spent: 0, held: 0 });
  });

  test.each<[string, ResponseMetadata]>([
    ["was cut off", { status: 200 }],
    ["was sent, and aborted or timed out before any response", {}],
  ])(
    "charges the estimate for a request that %s: its cost cannot be known",
    async (_, response) => {
      const { call, balance } = setUp();
      const cut = failure("timeout_error").withResponse(response);
      await errorOf(runPolicy(budget, call, [cut]).run());
      expect(await balance()).toEqual({ spent: estimate, held: 0 });
    },
  );

  describe("of an answer whose price is late", () => {
    const estimateUsd = 0.02 * estimate;
    const info = { structuredOutputMethod: "jsonSchema", isFree: false } as const;
    const priced = fakeRoute("a", {
      cachedModelInfo: () => ({ ...info, promptUsd: 0.02, completionUsd: 0.02 }),
    });

    async function send(needsPrices: boolean, lateUsage: ResponseMetadata["lateUsage"]) {
      const clock = new FakeClock(0);
      const store = new MemoryBudgetStore();
      const limits = new Budget({ limits: { day: { maxUsd: 1000 } }, store, clock });
      const services = { clock, budget: limits, needsPrices };
      const { call } = fakeCall({ request, routes: [priced, fakeRoute("b")], services });
      const metadata = { status: 200, usage: { ...answered.usage!, costUsd: 0 }, lateUsage };
      await runPolicy(budget, call, [answer("answer", metadata)]).run();
      const day = async () => {
        const { spent, held } = await store.balance({ scope: "day", id: "1970-01-01" });
        return { usd: Number(spent.picoUsd) / 1e12, tokens: spent.tokens, held: held.picoUsd > 0n };
      };
      return { day, settled: () => call.services.reconciler.flush() };
    }

    test("keeps the dollars reserved until the price arrives", async () => {
      const late = Promise.withResolvers<LateUsage>();
      const { day, settled } = await send(true, late.promise);
      expect((await day()).held).toBe(true);
      late.resolve({ usage: { ...answered.usage!, costUsd: 0.25 }, costSource: "catalog" });
      await settled();
      expect(await day()).toEqual({ usd: 0.25, tokens: 14, held: false });
    });

    test("charges the tokens and the estimated dollars if the price never arrives", async () => {
      const { day, settled } = await send(true, Promise.resolve(undefined));
      await settled();
      const { usd, ...others } = await day();
      expect(others).toEqual({ tokens: 14, held: false });
      expect(usd).toBeCloseTo(estimateUsd, 6);
    });

    test("charges the estimated dollars if only the tokens arrive", async () => {
      const late = Promise.resolve({ usage: { ...answered.usage!, costUsd: 0 } });
      const { day, settled } = await send(true, late);
      await settled();
      const { usd, ...others } = await day();
      expect(others).toEqual({ tokens: 14, held: false });
      expect(usd).toBeCloseTo(estimateUsd, 6);
    });

    test("does not wait if dollars are not limited", async () => {
      const { day } = await send(false, new Promise(() => undefined));
      expect(await day()).toEqual({ usd: 0, tokens: 14, held: false });
    });
  });

  test.each([
    ["what it used, when the server says so later", answered.usage, 14],
    ["its estimate, where the server never says", undefined, estimate],
  ])("books of a request that was cut off %s", async (_, usage, spent) => {
    const { call, balance } = setUp();
    const late = Promise.withResolvers<LateUsage | undefined>();
    const cut = failure("invalid_response_error").withResponse({
      status: 200,
      lateUsage: late.promise,
    });
    await errorOf(runPolicy(budget, call, [cut]).run());
    expect(await balance()).toEqual({ spent: 0, held: estimate });
    late.resolve(usage && { usage, costSource: "server" });
    await call.services.reconciler.flush();
    expect(await balance()).toEqual({ spent, held: 0 });
  });

  test("books a stream when it ends", async () => {
    const { call, balance } = setUp();
    const stream = openedStream(call, { metadata: answered });
    await runPolicy(budget, call, [stream]).run();
    expect(await balance()).toEqual({ spent: 0, held: estimate });
    await readAll(stream);
    expect(await balance()).toEqual({ spent: 14, held: 0 });
  });

  test("refuses a model without a price under a budget in dollars, and sends nothing", async () => {
    const { call } = setUp({ maxUsd: 1 });
    const t = runPolicy(budget, { ...call, services: { ...call.services, needsPrices: true } });
    expect(await errorOf(t.run())).toMatchObject({
      kind: "budget_error",
      message: expect.stringContaining("The price of a is not known"),
    });
    expect(t.attempts).toEqual([]);
  });

  test("sets aside the most that a request can cost in dollars", async () => {
    const info = {
      structuredOutputMethod: "jsonSchema",
      isFree: false,
      promptUsd: 0,
      completionUsd: 0.001,
    } as const;
    const routes = [fakeRoute("a", { modelInfo: async () => info })] as const;
    const tooLittle = setUp({ maxUsd: 0.999 }, { routes });
    const enough = setUp({ maxUsd: 1 }, { routes });
    const outcomes = [tooLittle, enough].map(({ call }) =>
      errorOf(
        runPolicy(budget, { ...call, services: { ...call.services, needsPrices: true } }).run(),
      ),
    );
    expect(await Promise.all(outcomes)).toEqual([
      expect.objectContaining({ code: "budget_error" }),
      undefined,
    ]);
  });

  describe("of other models that a request names", () => {
    const info = { structuredOutputMethod: "jsonSchema", isFree: false, promptUsd: 0 } as const;
    const prices = new Map([
      ["cheap", 0.0001],
      ["dear", 0.01],
    ]);
    const infoOf = (model: string) => ({
      ...info,
      completionUsd: prices.get(model),
      ...(prices.has(model) ? {} : { isUnlisted: true as const }),
    });
    const cheap = {
      modelInfo: async () => infoOf("cheap"),
      otherModelInfo: async (model: string) => infoOf(model),
    };

    /** With a budget that covers the cheap model only. */
    const errorFor = (fields: object, route: object = cheap) => {
      const { call } = setUp({ maxUsd: 1 }, { routes: [fakeRoute("cheap", route)] });
      const services = { ...call.services, needsPrices: true };
      const asked = { ...call.request, ...fields };
      return errorOf(runPolicy(budget, { ...call, services, request: asked }).run());
    };

    test("the most expensive one is reserved", async () => {
      expect(await errorFor({ models: ["cheap"] })).toBeUndefined();
      expect(await errorFor({ models: ["cheap", "dear"] })).toMatchObject({
        code: "budget_error",
        message: expect.stringContaining("$10.00 possible for the request") as string,
      });
    });

    test.each([
      [{ models: ["cheap", "openrouter/auto"] }, "openrouter/auto"],
      [{ preset: "strict" }, "@preset/strict"],
    ])("%j is refused without a price", async (fields, name) => {
      expect(await errorFor(fields)).toMatchObject({
        code: "budget_error",
        message: expect.stringContaining(`The price of ${name} is not known`) as string,
      });
    });

    test("they do not count on a route that does not send them", async () => {
      const { otherModelInfo: _, ...route } = cheap;
      expect(await errorFor({ models: ["dear"], preset: "strict" }, route)).toBeUndefined();
    });
  });
});
