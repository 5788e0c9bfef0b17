import { describe, expect, test } from "vitest";
import { FakeClock } from "../clock/fake-clock.ts";
import type { OpenRouterApi } from "../routes/index.ts";
import { noUsage } from "../usage/usage.ts";
import { Reconciler } from "./reconciler.ts";

/** What is found of a generation that the server describes so. */
function found(data: unknown) {
  const api = { get: async () => ({ status: 200, body: { data } }) } as unknown as OpenRouterApi;
  return new Reconciler({ api, clock: new FakeClock(), maxBytes: 1000 }).find("gen-1");
}

describe("a generation", () => {
  test("has the tokens as the provider counts them, and its cost", async () => {
    const data = {
      tokens_prompt: 9,
      tokens_completion: 4,
      native_tokens_prompt: 10,
      native_tokens_completion: 5,
      native_tokens_cached: 2,
      native_tokens_reasoning: 1,
      total_cost: 0.5,
    };
    expect(await found(data)).toEqual({
      usage: {
        promptTokens: 10,
        completionTokens: 5,
        cachedTokens: 2,
        reasoningTokens: 1,
        costUsd: 0.5,
      },
      costSource: "server",
    });
    expect(await found({ tokens_prompt: 9, tokens_completion: 4, usage: 0.25 })).toEqual({
      usage: { ...noUsage, promptTokens: 9, completionTokens: 4, costUsd: 0.25 },
      costSource: "server",
    });
  });

  test("with a user's provider key includes the provider's price", async () => {
    const byok = { is_byok: true, total_cost: 0.001, upstream_inference_cost: 0.036 };
    expect(await found(byok)).toMatchObject({ usage: { costUsd: 0.037 } });
    expect(await found({ ...byok, is_byok: false })).toMatchObject({
      usage: { costUsd: 0.001 },
    });
  });

  test("that was free has a known cost of 0", async () => {
    const usage = { ...noUsage, promptTokens: 9, completionTokens: 4 };
    const data = { tokens_prompt: 9, tokens_completion: 4, total_cost: 0 };
    expect(await found(data)).toEqual({ usage, costSource: "server" });
  });

  test("without a cost has its tokens alone", async () => {
    const usage = { ...noUsage, promptTokens: 9, completionTokens: 4 };
    expect(await found({ tokens_prompt: 9, tokens_completion: 4 })).toEqual({ usage });
  });

  test.each([[-1], [null], ["many"], [1e300]])("whose numbers are %j stays unknown", async (n) => {
    const data = { tokens_prompt: n, tokens_completion: n, native_tokens_cached: n, total_cost: n };
    expect(await found(data)).toBeUndefined();
  });
});
