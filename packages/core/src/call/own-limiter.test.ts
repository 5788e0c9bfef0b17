import { describe, expect, test } from "vitest";
import { GuardedLimiter } from "../resilience/rate-limiter/guarded-limiter.ts";
import { systemClock } from "../clock/index.ts";
import { completion } from "../completions/__fixtures__/completions.ts";
import { Orchestra } from "../orchestra.ts";
import type { OrchestraOptions } from "../gateway/orchestra-options.ts";
import { MemoryRateLimiter, type RateLimiter } from "../resilience/rate-limiter/index.ts";
import { MemoryBudgetStore } from "../resilience/budget/index.ts";

const messages = [{ role: "user" as const, content: "Hello" }];

class MyLimiter extends MemoryRateLimiter {}

function limiterWith(changes: object): RateLimiter {
  return Object.assign(new MyLimiter({ clock: systemClock }), changes);
}

function orchestraWith(options: Partial<OrchestraOptions>) {
  const warnings: string[] = [];
  const quiet = () => undefined;
  const logger = {
    error: quiet,
    info: quiet,
    debug: quiet,
    warn: (message: string) => void warnings.push(message),
  };
  let requests = 0;
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      LLM_MAX_RETRIES: "0",
      LLM_BUDGET_TOKENS_PER_DAY: "100000",
    },
    logger,
    ...options,
    fetch: async (_, init) => {
      if (init?.method === "POST") requests += 1;
      return Response.json(completion());
    },
  });
  return { orchestra, warnings, requests: () => requests };
}

const noDatabase = () => Promise.reject(new Error("no database"));

describe("a rate limiter of the user's", () => {
  test.each([
    ["throws", "acquire() failed: no database", { acquire: noDatabase }],
    ["answers nothing", "acquire() returned no slot", { acquire: async () => undefined }],
    [
      "answers half a slot",
      "acquire() returned no slot",
      { acquire: async () => ({ grantedAt: Number.NaN, waitedMs: 0 }) },
    ],
    ["cannot set its limits", "setLimits() failed: no database", { setLimits: noDatabase }],
    [
      "throws a value that is not an error",
      "acquire() failed: with something that is not an error",
      { acquire: () => Promise.reject(Symbol("odd")) },
    ],
  ])("that %s is named in the error, and nothing is sent", async (_, says, changes) => {
    const { orchestra, requests } = orchestraWith({ rateLimiter: limiterWith(changes) });
    const call = orchestra.completions.create({ messages });
    await expect(call).rejects.toThrow(
      `The rate limiter MyLimiter cannot limit the calls: ${says}`,
    );
    expect(requests()).toBe(0);
  });

  test("that fails after the request is reported, and the call returns its answer", async () => {
    const slot = { grantedAt: 0, waitedMs: 0, settle: noDatabase };
    const { orchestra, warnings } = orchestraWith({
      rateLimiter: limiterWith({ acquire: async () => slot }),
    });
    const { choices } = await orchestra.completions.create({ messages });
    expect(choices).toHaveLength(1);
    expect(warnings).toEqual([
      expect.stringContaining("MyLimiter cannot limit the calls: settle()"),
    ]);
  });
});

test("a budget store that fails after the request is reported, and the call returns its answer", async () => {
  class MyStore extends MemoryBudgetStore {
    override settle = noDatabase;
  }
  const { orchestra, warnings } = orchestraWith({ budgetStore: new MyStore() });
  const { choices } = await orchestra.completions.create({ messages });
  expect(choices).toHaveLength(1);
  expect(warnings).toEqual([expect.stringContaining("MyStore cannot keep the budget: settle()")]);
});

test("the error names the limiter also where it has no prototype", async () => {
  const guarded = new GuardedLimiter(Object.create(null) as RateLimiter, () => undefined);
  await expect(guarded.acquire()).rejects.toThrow(
    "The rate limiter cannot limit the calls: acquire() failed",
  );
});
