import { describe, expect, test } from "vitest";
import { runExample } from "../run-example.ts";

const unavailable = { fault: "status", status: 503, route: "openrouter" } as const;
const withFallbacks = {
  PORTKEY_FALLBACKS: '[{"provider":"anthropic","model":"claude-sonnet-4-5"}]',
};

describe("the examples of docs/reliability.md", () => {
  test("a-call retries and falls back", async () => {
    const { printed } = await runExample(() => import("./a-call.ts"), {
      before: (sandbox) => sandbox.order(unavailable),
    });
    const retry = ["retry", "service_error"];
    expect(printed.slice(0, 4)).toEqual([
      retry,
      retry,
      retry,
      ["fallback to", "claude-sonnet-4-5"],
    ]);
    expect(printed.at(-1)).toEqual([expect.objectContaining({ calls: 1, attempts: 5 })]);
  });

  test("failed-call lists the attempts", async () => {
    const { printed } = await runExample(() => import("./failed-call.ts"), {
      environment: { LLM_MAX_RETRIES: "1" },
      before: (sandbox) => sandbox.order(unavailable),
    });
    const attempt = ["openai/gpt-4o", 503, "service_error"];
    expect(printed).toEqual([["service_error"], attempt, attempt]);
  });

  test("retry makes as many attempts as it says", async () => {
    const { printed, sandbox } = await runExample(() => import("./retry.ts"), {
      before: (sandbox) => sandbox.order({ ...unavailable, times: 9 }),
    });
    expect(sandbox.books.entries).toHaveLength(10);
    expect(printed).toHaveLength(1);
  });

  test("fallback answers from the next model that works", async () => {
    const { printed } = await runExample(() => import("./fallback.ts"), {
      environment: { LLM_MAX_RETRIES: "0" },
      before: (sandbox) =>
        sandbox.order(
          { fault: "status", status: 503, model: "openai/gpt-4o" },
          { fault: "status", status: 503, model: "anthropic/claude-sonnet-4.5" },
        ),
    });
    expect(printed[0]?.[0]).toContain("gemini-2.5-pro");
  });

  test("circuit-breaker opens after three failures", async () => {
    const { printed } = await runExample(() => import("./circuit-breaker.ts"), {
      before: (sandbox) => sandbox.order(unavailable),
    });
    expect(printed).toEqual([["openai/gpt-4o via openrouter", "closed", "open"]]);
  });

  test("hedge sends identical calls once", async () => {
    const { printed, sandbox } = await runExample(() => import("./hedge.ts"));
    expect(printed).toEqual([[true, 1]]);
    expect(sandbox.books.entries).toHaveLength(1);
  });

  test("budget refuses a call that could cost too much", async () => {
    const { printed, sandbox } = await runExample(() => import("./budget.ts"));
    expect(printed).toEqual([[expect.stringContaining("LLM_BUDGET_USD_PER_CALL")]]);
    expect(sandbox.books.entries).toHaveLength(0);
  });

  test("rate-limit does not wait below the limit", async () => {
    const { printed, sandbox } = await runExample(() => import("./rate-limit.ts"));
    expect(printed).toEqual([]);
    expect(sandbox.books.entries).toHaveLength(1);
  });

  test("timeouts answers", async () => {
    const { printed } = await runExample(() => import("./timeouts.ts"));
    expect(printed).toHaveLength(1);
  });

  test("stream starts again after a stream that broke", async () => {
    const { printed, sandbox } = await runExample(() => import("./stream.ts"), {
      sandbox: { latency: { chunkCharacters: 2 } },
      before: (sandbox) => sandbox.order({ fault: "cut", times: 1 }),
    });
    expect(sandbox.books.entries).toHaveLength(2);
    expect(printed).toContainEqual(["\n"]);
  });

  test("structured-output is an object of the schema", async () => {
    const { printed } = await runExample(() => import("./structured-output.ts"));
    expect(printed).toEqual([[expect.any(String), expect.any(Boolean)]]);
  });

  test("own-order has no circuit breaker", async () => {
    const { printed, sandbox } = await runExample(() => import("./own-order.ts"), {
      environment: withFallbacks,
    });
    expect(printed[0]?.[0]).toContain("circuitBreaker");
    expect(sandbox.books.entries).toHaveLength(1);
  });
});
