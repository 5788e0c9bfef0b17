import { HumanMessage } from "@langchain/core/messages";
import { describe, expect, test } from "vitest";
import type { CallKey } from "./run-scope.ts";
import { guideFallbacks, startTestOrchestra } from "../test-support/test-orchestra.ts";

const question = [
  new HumanMessage(
    "# Task\n\nWhen was the lighthouse of Vell built?\n\n# Archive\n\nThe lighthouse of Vell was built in 1871.",
  ),
];

describe("a hedge", () => {
  const environment = { LLM_HEDGE_AFTER: "0.03" };

  test("sends a second request if the first is slow; the slower one is aborted, and both are charged", async () => {
    await using t = await startTestOrchestra({ environment });
    t.sandbox.order({ fault: "hang", times: 1 });
    const message = await t.orchestra.chat(question);

    expect(message.text).toContain("1871");
    expect(t.record()).toMatchObject({
      status: "succeeded",
      attempts: [
        { number: 1, error: { kind: "aborted" } },
        { number: 2, status: 200 },
      ],
    });
    expect(t.events).toContainEqual(expect.objectContaining({ type: "hedge" }));
    await expect.poll(() => t.sandbox.books.entries[0]?.aborted).toBe(true);
  });

  test("is not sent for a fast or a failed request", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_HEDGE_AFTER: "60" } });
    t.sandbox.order({ fault: "status", status: 401, times: 1 });
    await t.orchestra.chat(question).catch(() => undefined);
    await t.orchestra.chat(question);
    expect(t.sandbox.books.entries).toHaveLength(2);
  });

  test("keeps within the budget: the second request has to find room", async () => {
    await using t = await startTestOrchestra({
      environment: { ...environment, LLM_BUDGET_TOKENS_PER_CALL: "5000" },
    });
    t.sandbox.order({ fault: "slow", delayMs: 200 });
    await t.orchestra.chat(question);
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("waits for the role's own p95 until it is known", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_HEDGE_AFTER: "p95" } });
    for (let index = 0; index < 25; index += 1) await t.orchestra.chat(question);
    // An order for one request could go to the late loser of an earlier hedge.
    const hedged = Promise.withResolvers<void>();
    t.sandbox.order({ fault: "slow", until: hedged.promise });
    const hedges = () => t.events.filter(({ type }) => type === "hedge").length;
    const before = hedges();
    const answer = t.orchestra.chat(question);
    await expect.poll(hedges).toBe(before + 1);
    hedged.resolve();
    await answer;
    expect(t.records.at(-1)?.attempts).toHaveLength(2);
  });
});

describe("coalescing", () => {
  test("identical calls in flight are sent once, and each gets its own messages", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_COALESCE: "true" },
      sandbox: { latency: { firstTokenMs: 30 } },
    });
    const [one, two] = await Promise.all([t.orchestra.chat(question), t.orchestra.chat(question)]);
    expect(t.sandbox.books.entries).toHaveLength(1);
    expect(one.text).toBe(two.text);
    expect(one).not.toBe(two);

    await t.orchestra.chat(question);
    expect(t.sandbox.books.entries).toHaveLength(2);
  });

  test("each client's key has its own call, with its own budget and its own record", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_COALESCE: "true" },
      sandbox: { latency: { firstTokenMs: 30 } },
    });
    const ask = (key: CallKey) =>
      t.orchestra.completions.create({ messages: [{ role: "user", content: "Hello" }] }, { key });
    const [poor, rich] = await Promise.allSettled([
      ask({ id: "1", name: "poor", budget: { usdTotal: 0 } }),
      ask({ id: "2", name: "rich" }),
    ]);
    expect([poor.status, rich.status]).toEqual(["rejected", "fulfilled"]);
    expect(t.records.map(({ key }) => key?.name)).toEqual(["poor", "rich"]);
  });

  test("a call is sent by itself where the run that it joined has spent its own budget", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_COALESCE: "true", LLM_BUDGET_TOKENS_PER_RUN: "50" },
      sandbox: { latency: { firstTokenMs: 30 } },
    });
    const ask = (runId: string) =>
      t.orchestra.completions.create(
        { messages: [{ role: "user", content: "Hello" }], max_tokens: 20 },
        { runId },
      );
    await ask("spent");
    const [spent, ...others] = await Promise.allSettled([ask("spent"), ask("new"), ask("new")]);
    expect(spent).toMatchObject({ status: "rejected", reason: { code: "budget_error" } });
    expect(others.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(t.sandbox.books.entries).toHaveLength(2);
  });

  test("different calls are sent, and all calls where coalescing is off", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_COALESCE: "true" } });
    await Promise.all([t.orchestra.chat(question), t.orchestra.chat("Hello")]);
    expect(t.sandbox.books.entries).toHaveLength(2);
    await using plain = await startTestOrchestra();
    await Promise.all([plain.orchestra.chat(question), plain.orchestra.chat(question)]);
    expect(plain.sandbox.books.entries).toHaveLength(2);
  });
});

describe("what a cut request cost", () => {
  test("is requested by GET /generation, and added to the ledger", async () => {
    await using t = await startTestOrchestra({
      sandbox: { latency: { betweenTokensMs: 30_000 } },
    });
    const caller = new AbortController();
    const call = t.orchestra.chat(question, { signal: caller.signal });
    await expect.poll(() => t.events.some(({ type }) => type === "text-delta")).toBe(true);
    caller.abort();
    await expect(call).rejects.toThrow(/abort/i);
    expect(t.record().costUsd).toBe(0);
    await t.orchestra.flushCosts();

    expect(t.events).toContainEqual(expect.objectContaining({ type: "reconcile", attempt: 1 }));
    const booked = t.sandbox.books.totals();
    expect(t.orchestra.ledger.total).toMatchObject({
      promptTokens: booked.promptTokens,
      completionTokens: booked.completionTokens,
      costUsd: booked.costUsd,
    });
  });

  test("is added to the ledger, even if it was known before the call ended", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_RETRY_DELAY: "0.3", LLM_RETRY_MAX_DELAY: "0.3" },
    });
    t.sandbox.order({ fault: "error-mid-stream", times: 1 });
    await t.orchestra.chat(question);
    await t.orchestra.flushCosts();
    const booked = t.sandbox.books.totals();
    const [line] = [...t.orchestra.ledger.by("runId").values()];
    expect(line).toMatchObject({ attempts: 2, costUsd: booked.costUsd });
    const types = t.events.map(({ type }) => type);
    expect(types.indexOf("reconcile")).toBeGreaterThan(types.indexOf("call-end"));
  });

  test.each(["error-mid-stream", "error-200", "truncated"] as const)(
    "is found out for an answer that failed after it had begun too (%s)",
    async (fault) => {
      await using t = await startTestOrchestra();
      t.sandbox.order({ fault, times: 1 });
      await t.orchestra.chat(question).catch(() => undefined);
      await t.orchestra.flushCosts();
      expect(t.orchestra.ledger.total.costUsd).toBeCloseTo(t.sandbox.books.totals().costUsd, 12);
    },
  );

  test("is reckoned from the catalog for a gateway that reports no cost, even before it is loaded", async () => {
    await using t = await startTestOrchestra({
      environment: { PORTKEY_FALLBACKS: guideFallbacks },
    });
    t.sandbox.order({ fault: "no-credits", route: "openrouter" });
    await t.orchestra.chat(question);
    await t.orchestra.flushCosts();
    await t.orchestra.chat(question);
    expect(t.records[1]?.attempts.at(-1)).toMatchObject({ costIsEstimate: true });
    expect(t.orchestra.ledger.total.costUsd).toBeCloseTo(t.sandbox.books.totals().costUsd, 12);
  });
});
