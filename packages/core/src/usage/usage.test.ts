import { describe, expect, test } from "vitest";
import { usage } from "../completions/__fixtures__/completions.ts";
import { addUsage, noUsage, subtractUsage } from "./usage.ts";

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

describe("subtractUsage", () => {
  test("takes back what addUsage added", () => {
    expect(subtractUsage(addUsage(usage, usage), usage)).toEqual(usage);
    expect(subtractUsage(usage, usage)).toEqual(noUsage);
  });

  test("subtracts money without the drift of binary fractions", () => {
    const costing = (costUsd: number) => ({ ...noUsage, costUsd });
    expect(subtractUsage(costing(0.3), costing(0.1)).costUsd).toBe(0.2);
  });
});
