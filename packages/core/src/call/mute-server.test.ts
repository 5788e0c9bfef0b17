import { describe, expect, test } from "vitest";
import { FakeClock } from "../clock/fake-clock.ts";
import { serve } from "../completions/__fixtures__/loopback.ts";
import { Orchestra } from "../orchestra.ts";
import type { OrchestraOptions } from "../gateway/orchestra-options.ts";

const silent = { error() {}, warn() {}, info() {}, debug() {} };
const calls = 10;
/** What each call sets aside: the estimate of its prompt, and 4,096 tokens for its answer. */
const estimate = 4124;

/** Under a day's budget that covers so many calls. */
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
      LLM_BUDGET_TOKENS_PER_DAY: String(calls * estimate),
    },
  });

/** A server that never answers may work, and charge for it: the budget is not exceeded by that. */
describe("requests to a server that never answers stay in the day's budget as estimated", () => {
  test("where the caller aborts them", async () => {
    const reason = new Error("the user left");
    let abort = () => {};
    await using server = await serve(() => abort());
    const orchestra = orchestraOn(server.url);
    const call = async () => {
      const caller = new AbortController();
      abort = () => caller.abort(reason);
      await orchestra.chat("Hi", { signal: caller.signal });
    };
    for (let place = 0; place < calls; place += 1) await expect(call()).rejects.toBe(reason);
    await expect(call()).rejects.toMatchObject({ code: "budget_error" });
    expect(server.received).toHaveLength(calls);
  });

  test("where they time out", async () => {
    const clock = new FakeClock();
    await using server = await serve(() => void clock.advance(30_000));
    const orchestra = orchestraOn(server.url, { clock });
    for (let place = 0; place < calls; place += 1) {
      await expect(orchestra.chat("Hi")).rejects.toMatchObject({ code: "timeout_error" });
    }
    await expect(orchestra.chat("Hi")).rejects.toMatchObject({ code: "budget_error" });
    expect(server.received).toHaveLength(calls);
  });
});

test("calls that cannot be sent do not reduce the budget of the day", async () => {
  const server = await serve(() => undefined);
  await server[Symbol.asyncDispose]();
  const orchestra = orchestraOn(server.url);
  for (let place = 0; place < 2 * calls; place += 1) {
    await expect(orchestra.chat("Hi")).rejects.toMatchObject({ code: "connection_error" });
  }
});
