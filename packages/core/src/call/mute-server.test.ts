import { describe, expect, test } from "vitest";
import { FakeClock } from "../clock/fake-clock.ts";
import { serve } from "../completions/__fixtures__/loopback.ts";
import { Orchestra } from "../orchestra.ts";
import type { OrchestraOptions } from "../orchestra.ts";

const silent = { error() {}, warn() {}, info() {}, debug() {} };
const calls = 300;

/** Under a day's budget of 1,000,000 tokens, of which each call sets more than 4,096 aside. */
const orchestraOn = (url: string, options: OrchestraOptions = {}) =>
  new Orchestra({
    logger: silent,
    ...options,
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: url,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
      LLM_MAX_RETRIES: "0",
      LLM_REQUEST_TIMEOUT: "30",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      LLM_BUDGET_TOKENS_PER_DAY: "1000000",
    },
  });

describe("a server that never answers takes nothing of the day's budget", () => {
  test("by calls that the caller aborts", async () => {
    const reason = new Error("the user left");
    let abort = () => {};
    await using server = await serve(() => abort());
    const orchestra = orchestraOn(server.url);
    for (let place = 0; place < calls; place += 1) {
      const caller = new AbortController();
      abort = () => caller.abort(reason);
      await expect(orchestra.chat("Hi", { signal: caller.signal })).rejects.toBe(reason);
    }
    expect(server.received).toHaveLength(calls);
  });

  test("by calls that time out", async () => {
    const clock = new FakeClock();
    await using server = await serve(() => void clock.advance(30_000));
    const orchestra = orchestraOn(server.url, { clock });
    for (let place = 0; place < calls; place += 1) {
      await expect(orchestra.chat("Hi")).rejects.toMatchObject({ code: "timeout_error" });
    }
    expect(server.received).toHaveLength(calls);
  });
});
