import { HumanMessage } from "@langchain/core/messages";
import { describe, expect, test } from "vitest";
import { FakeClock } from "../clock/fake-clock.ts";
import { systemClock } from "../clock/index.ts";
import { createRateLimiter, type SlotEnd } from "../resilience/rate-limiter/index.ts";
import { guideFallbacks, startTestOrchestra } from "../test-support/test-orchestra.ts";

const question = [
  new HumanMessage(
    "# Task\n\nWhen was the lighthouse of Vell built?\n\n# Archive\n\nThe lighthouse of Vell was built in 1871.",
  ),
];
const withFallbacks = { PORTKEY_FALLBACKS: guideFallbacks };

describe("the circuit breaker", () => {
  test("a dead primary costs one call; the next ones go to the fallback at once", async () => {
    await using t = await startTestOrchestra({ environment: withFallbacks });
    t.sandbox.order({ fault: "status", status: 503, route: "openrouter" });
    await t.orchestra.chat(question);
    await t.orchestra.chat(question);

    const [first, second] = t.records;
    expect(first?.attempts).toHaveLength(5);
    expect(second).toMatchObject({
      attempts: [{ via: "portkey" }],
      skipped: ["openai/gpt-4o"],
      fallbackUsed: true,
    });
    expect(t.events).toContainEqual(
      expect.objectContaining({ type: "circuit", from: "closed", to: "open" }),
    );
  });

  test("one silence is enough", async () => {
    const clock = new FakeClock();
    await using t = await startTestOrchestra({ clock, environment: withFallbacks });
    t.sandbox.order({ fault: "hang", route: "openrouter" });
    const first = t.orchestra.chat(question);
    await expect.poll(() => t.sandbox.books.entries.length).toBe(1);
    await clock.advance(60_000);
    await first;
    await t.orchestra.chat(question);
    expect(t.records[1]?.attempts).toHaveLength(1);
  });

  test("a probe finds out that the primary is back, and that is an event", async () => {
    await using t = await startTestOrchestra({
      environment: { ...withFallbacks, LLM_CIRCUIT_COOLDOWN: "0.001" },
    });
    t.sandbox.order({ fault: "status", status: 503, route: "openrouter", times: 4 });
    await t.orchestra.chat(question);
    await expect
      .poll(async () => {
        await t.orchestra.chat(question);
        return t.records.at(-1)?.via;
      })
      .toBe("openrouter");
    expect(t.events).toContainEqual(
      expect.objectContaining({ type: "circuit", from: "half-open", to: "closed" }),
    );
  });

  test("where there is no fallback the model is always tried", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "status", status: 503 });
    for (const _ of [1, 2]) await t.orchestra.chat(question).catch(() => undefined);
    expect(t.sandbox.books.entries).toHaveLength(8);
  });
});

describe("the account's limits", () => {
  test.each([
    ["that was answered, be it by an error,", { fault: "status", status: 400 }, true],
    ["that was answered", undefined, true],
    ["that may still be on its way", { fault: "reset" }, false],
  ] as const)("the limiter is told of a request %s", async (_, fault, isAnswered) => {
    const rateLimiter = createRateLimiter({ clock: systemClock });
    const ends: (SlotEnd | undefined)[] = [];
    const acquire = rateLimiter.acquire.bind(rateLimiter);
    rateLimiter.acquire = async (options) => {
      const slot = await acquire(options);
      const settle = async (end?: SlotEnd) => {
        ends.push(end);
        await slot.settle(end);
      };
      return { ...slot, settle };
    };
    const environment = { LLM_REQUESTS_PER_MINUTE: "1000" };
    await using t = await startTestOrchestra({ rateLimiter, environment });
    if (fault) t.sandbox.order({ ...fault, times: 1 });
    await t.orchestra.chat(question).catch(() => undefined);
    expect(ends[0]).toMatchObject({ isAnswered });
  });

  test("calls wait for the limit of the minute, and a waiting call reports how long", async () => {
    const clock = new FakeClock();
    await using t = await startTestOrchestra({
      sandbox: {
        limits: { tier: "pro", algorithm: "fixed-window", requestsPerMinute: 5 },
        now: clock.now,
      },
      environment: { LLM_REQUESTS_PER_MINUTE: "5" },
      rateLimiter: createRateLimiter({ clock }),
    });
    const calls = Array.from({ length: 12 }, () => t.orchestra.chat(question));
    for (const answered of [5, 10, 12]) {
      await expect.poll(() => t.records.length).toBe(answered);
      await clock.advance(65_000);
    }
    await Promise.all(calls);
    expect(t.sandbox.books.entries.map(({ status }) => status)).toEqual(
      Array.from({ length: 12 }, () => 200),
    );
    expect(t.events).toContainEqual(
      expect.objectContaining({ type: "rate-limit-wait", waitMs: expect.any(Number) }),
    );
    const paced = t.records.filter(({ attempts }) => (attempts[0]?.rateLimitedMs ?? 0) > 0);
    expect(paced).toHaveLength(7);
  });

  test("OPENROUTER_TIER=auto asks the account, once", async () => {
    const asked: string[] = [];
    await using t = await startTestOrchestra({
      sandbox: { limits: { tier: "free", algorithm: "fixed-window" } },
      environment: {
        OPENROUTER_DEFAULT_MODEL: "openai/gpt-oss-20b:free",
        LLM_REQUESTS_PER_MINUTE: "",
        LLM_REQUESTS_PER_DAY: "",
      },
      fetch: (input, init) => {
        asked.push(new URL(new Request(input).url).pathname);
        return fetch(input, init);
      },
    });
    await Promise.all([t.orchestra.chat(question), t.orchestra.chat(question)]);
    expect(asked.filter((path) => path.endsWith("/key"))).toHaveLength(1);
    expect(await t.orchestra.account.freeLimiter.state()).toMatchObject({
      limit: 20,
      day: { limit: 50, used: 2 },
    });
    await t.orchestra.modelFor("writer", { model: "openai/gpt-4o" }).invoke(question);
    expect(await t.orchestra.account.freeLimiter.state()).toMatchObject({ day: { used: 2 } });
    expect(await t.orchestra.account.limiter.state()).toMatchObject({ day: { used: 0 } });
  });

  test("a day that OpenRouter refuses to free models does not stop paid models", async () => {
    await using t = await startTestOrchestra();
    const model = "openai/gpt-oss-20b:free";
    const free = t.orchestra.modelFor("writer", { model });
    t.sandbox.order({ fault: "rate-limit-day", times: 1 });
    await expect(free.invoke(question)).rejects.toMatchObject({ code: "quota_error" });
    await expect(free.invoke(question)).rejects.toThrow("OpenRouter's limit for free models");
    await t.orchestra.chat(question);
    expect(t.sandbox.books.entries.map(({ status }) => status)).toEqual([429, 200]);
  });

  test("a refusal that asks for 30 years holds other calls back for 5 minutes", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "rate-limit-minute", retryAfterSeconds: 1_000_000_000, times: 1 });
    await expect(t.orchestra.chat(question)).rejects.toMatchObject({ code: "rate_limit_error" });
    const { delayMs } = await t.orchestra.account.limiter.state();
    expect(delayMs).toBeGreaterThan(0);
    expect(delayMs).toBeLessThanOrEqual(5 * 60_000);
  });

  test("limits that the settings no longer have are lifted where they were remembered", async () => {
    const limits = { maxConcurrency: 1, tokensPerMinute: 100_000 };
    const rateLimiter = createRateLimiter({ clock: systemClock, limits });
    await using t = await startTestOrchestra({ rateLimiter });
    await t.orchestra.chat(question);
    expect(await rateLimiter.state()).toMatchObject({
      maxInFlight: Infinity,
      tokens: { limit: Infinity },
    });
  });

  test("a full day ends in quota_error with the time of its reset", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_REQUESTS_PER_DAY: "1" } });
    await t.orchestra.chat(question);
    await expect(t.orchestra.chat(question)).rejects.toMatchObject({
      code: "quota_error",
      message: expect.stringMatching(/UTC|T00:00/),
    });
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("an unexpected 429 of the minute keeps the others back, and a provider's does not", async () => {
    const clock = new FakeClock();
    await using t = await startTestOrchestra({
      clock,
      sandbox: { now: clock.now },
      environment: { LLM_RETRY_MAX_DELAY: "5" },
    });
    const delayMs = async () => (await t.orchestra.account.limiter.state()).delayMs;
    t.sandbox.order({ fault: "shared-pool", retryAfterSeconds: 1, times: 1 });
    const atProvider = t.orchestra.chat(question);
    await expect.poll(() => t.events.some(({ type }) => type === "retry")).toBe(true);
    expect(await delayMs()).toBe(0);
    await clock.advance(2000);
    await atProvider;

    t.sandbox.order({ fault: "rate-limit-minute", retryAfterSeconds: 1, times: 1 });
    const refused = t.orchestra.chat(question);
    await expect.poll(delayMs).toBeGreaterThan(0);
    await expect.poll(() => t.events.filter(({ type }) => type === "retry").length).toBe(2);
    await clock.advance(2000);
    await refused;
  });
});

describe("budgets", () => {
  test("a call that could exceed the budget is not sent, and the error names the budget and the estimate", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_BUDGET_USD_PER_RUN: "0.0001" } });
    const error: unknown = await t.orchestra.chat(question).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "budget_error" });
    expect((error as Error).message).toContain("LLM_BUDGET_USD_PER_RUN");
    expect(t.events).toContainEqual(
      expect.objectContaining({
        type: "budget",
        message: expect.stringContaining("LLM_BUDGET_USD_PER_RUN"),
      }),
    );
    expect(t.sandbox.books.entries).toHaveLength(0);
  });

  test("concurrent calls cannot overspend together", async () => {
    const budget = 0.1;
    await using t = await startTestOrchestra({
      environment: { LLM_BUDGET_USD_PER_DAY: String(budget) },
    });
    const calls = Array.from({ length: 10 }, () => t.orchestra.chat(question));
    const outcomes = await Promise.allSettled(calls);
    const sent = t.sandbox.books.entries.length;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(10);
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(10 - sent);
    expect(t.sandbox.books.totals().costUsd).toBeLessThan(budget);
    // What was reserved too much is free again.
    await t.orchestra.chat(question);
  });

  test("a model without a known price cannot be used under a budget in dollars", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_BUDGET_USD_PER_DAY: "1" } });
    const model = t.orchestra.modelFor("writer", { model: "nobody/knows-this" });
    await expect(model.invoke(question)).rejects.toMatchObject({ code: "budget_error" });
    expect(t.sandbox.books.entries).toHaveLength(0);
  });

  test("LLM_CALL_MAX_ATTEMPTS limits a call, also with many candidates", async () => {
    await using t = await startTestOrchestra({
      environment: { ...withFallbacks, LLM_CALL_MAX_ATTEMPTS: "2" },
    });
    t.sandbox.order({ fault: "status", status: 503 });
    await expect(t.orchestra.chat(question)).rejects.toMatchObject({ code: "service_error" });
    expect(t.sandbox.books.entries).toHaveLength(2);
  });
});
