import { describe, expect, test } from "vitest";
import { usage, wireUsage } from "./__fixtures__/completions.ts";
import { addUsage, noUsage, readUsage } from "./read-usage.ts";

describe("readUsage", () => {
  test("reads OpenAI's fields and OpenRouter's cost", () => {
    expect(readUsage(wireUsage)).toEqual(usage);
  });

  test("counts what is not reported, or is no count, as nothing", () => {
    expect(readUsage({ prompt_tokens: 3 })).toEqual({ ...noUsage, promptTokens: 3 });
    expect(
      readUsage({
        prompt_tokens: "3",
        completion_tokens: -1,
        cost: Number.NaN,
        prompt_tokens_details: null,
        completion_tokens_details: { reasoning_tokens: null },
      }),
    ).toEqual(noUsage);
  });

  test.each([[undefined], [null], ["10"], [10]])("finds none in %j", (value) => {
    expect(readUsage(value)).toBeUndefined();
  });
});

describe("addUsage", () => {
  test("adds field by field", () => {
    const more = {
      promptTokens: 1,
      completionTokens: 20,
      cachedTokens: 300,
      reasoningTokens: 4000,
      costUsd: 0.25,
    };
    expect(addUsage(usage, more)).toEqual({
      promptTokens: 11,
      completionTokens: 24,
      cachedTokens: 302,
      reasoningTokens: 4001,
      costUsd: 0.25014,
    });
    expect(addUsage(usage, noUsage)).toEqual(usage);
  });

  test("adds money without the drift of binary fractions", () => {
    const dime = { ...noUsage, costUsd: 0.1 };
    expect(addUsage(addUsage(dime, dime), dime).costUsd).toBe(0.3);
  });
});
