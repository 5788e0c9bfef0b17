import { describe, expect, test } from "vitest";
import { usage, wireUsage } from "../completions/__fixtures__/completions.ts";
import {
  addUsage,
  fullerUsage,
  isFeeAlone,
  isZeroCost,
  noUsage,
  readUsage,
  subtractUsage,
  tidyUsage,
} from "./usage.ts";

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

describe("readUsage", () => {
  test("reads OpenAI's fields and OpenRouter's cost", () => {
    expect(readUsage(wireUsage)).toEqual(usage);
  });

  test.each(["0.001", "1e-3", "1E-3", ".001", "10e-4"])("reads a cost as text: %s", (cost) => {
    expect(readUsage({ cost }).costUsd).toBe(0.001);
  });

  test("counts missing and invalid numbers as 0", () => {
    expect(readUsage({ prompt_tokens: 3 })).toEqual({ ...noUsage, promptTokens: 3 });
    expect(
      readUsage({
        prompt_tokens: "three",
        completion_tokens: -1,
        cost: Number.NaN,
        prompt_tokens_details: null,
        completion_tokens_details: { reasoning_tokens: null },
      }),
    ).toEqual(noUsage);
    expect(readUsage({ cost: Infinity })).toEqual(noUsage);
    expect(readUsage({ prompt_tokens: 1e308, cost: 1e308 })).toEqual(noUsage);
    expect(readUsage({ prompt_tokens: 3, total_tokens: 1e11, cost: 1e11 })).toEqual({
      ...noUsage,
      promptTokens: 3,
    });
  });

  test("reads numbers that are texts, and a total alone as the prompt's", () => {
    expect(readUsage({ prompt_tokens: "3", cost: "0.5" })).toEqual({
      ...noUsage,
      promptTokens: 3,
      costUsd: 0.5,
    });
    expect(readUsage({ total_tokens: 100 })).toEqual({ ...noUsage, promptTokens: 100 });
  });

  test.each([
    ["input and output", { input_tokens: 3, output_tokens: 4 }],
    ["a total and the answer's", { completion_tokens: 4, total_tokens: 7 }],
  ])("reads tokens that are given as %s", (_, fields) => {
    expect(readUsage(fields)).toEqual({ ...noUsage, promptTokens: 3, completionTokens: 4 });
  });

  test("counts a part of a token as a whole one", () => {
    const fields = {
      prompt_tokens: 10.5,
      completion_tokens: "5.25",
      total_tokens: 15.75,
      cached_tokens: 0.5,
      completion_tokens_details: { reasoning_tokens: 1.1 },
      cost: 0.5,
    };
    expect(readUsage(fields)).toEqual({
      promptTokens: 11,
      completionTokens: 6,
      cachedTokens: 1,
      reasoningTokens: 2,
      costUsd: 0.5,
    });
  });

  test("counts reasoning that only the total has as part of the answer", () => {
    const fields = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 107 };
    expect(readUsage(fields)).toMatchObject({ promptTokens: 3, completionTokens: 104 });
  });

  test.each([
    ["OpenAI's", { prompt_tokens_details: { cached_tokens: 2 } }],
    ["Kimi's", { cached_tokens: 2 }],
    ["DeepSeek's", { prompt_cache_hit_tokens: 2 }],
  ])("reads %s cached tokens", (_, fields) => {
    expect(readUsage({ prompt_tokens: 3, ...fields }).cachedTokens).toBe(2);
  });

  const upstream = { cost_details: { upstream_inference_cost: 0.036 } };
  test.each([
    ["adds what the provider bills to the fee of BYOK", { cost: 0.001, is_byok: true }, 0.037],
    ["takes what the provider bills where the fee is 0", { cost: 0, is_byok: true }, 0.036],
    ["takes it where nothing says that it is BYOK", { cost: 0 }, 0.036],
    ["takes the cost of an answer without BYOK alone", { cost: 0.04, is_byok: false }, 0.04],
    ["takes a cost of 0 without BYOK as it is", { cost: 0, is_byok: false }, 0],
    ["takes the cost alone where nothing says that it is BYOK", { cost: 0.04 }, 0.04],
  ])("%s", (_, fields, costUsd) => {
    expect(readUsage({ ...fields, ...upstream }).costUsd).toBe(costUsd);
  });
});

test("adds what the provider bills for prompt and answer where that is not one amount", () => {
  const details = {
    upstream_inference_prompt_cost: 0.01,
    upstream_inference_completions_cost: 0.02,
  };
  const usage = { cost: 0.001, is_byok: true };
  expect(readUsage({ ...usage, cost_details: details }).costUsd).toBe(0.031);
  const whole = { ...details, upstream_inference_cost: 0.04 };
  expect(readUsage({ ...usage, cost_details: whole }).costUsd).toBe(0.041);
});

describe("isFeeAlone", () => {
  const byok = { cost: 0.001, is_byok: true };
  test.each([
    [byok, true],
    [{ ...byok, cost_details: null }, true],
    [{ ...byok, cost_details: { upstream_inference_cost: null } }, true],
    [{ ...byok, cost_details: { upstream_inference_cost: 0 } }, false],
    [{ ...byok, cost_details: { upstream_inference_prompt_cost: 0.1 } }, false],
    [{ ...byok, is_byok: false }, false],
    [{ cost: 0 }, false],
  ])("%j: %j", (usage, isAlone) => {
    expect(isFeeAlone(usage)).toBe(isAlone);
  });
});

describe("isZeroCost", () => {
  test.each([0, -0, "0", "0.0", "0.000000", "000", ".0"])("knows %j", (cost) => {
    expect(isZeroCost(cost)).toBe(true);
  });

  test.each([undefined, null, "", ".", "free", "0,0", "0.01", 0.01, -1, false, []])(
    "does not take %j for it",
    (cost) => {
      expect(isZeroCost(cost)).toBe(false);
    },
  );
});

describe("fullerUsage", () => {
  const partial = { ...noUsage, promptTokens: 10, completionTokens: 1 };
  const full = { ...noUsage, promptTokens: 10, completionTokens: 50, costUsd: 0.1 };

  test("is the one with more of the answer, whichever came first", () => {
    expect(fullerUsage(partial, full)).toEqual(full);
    expect(fullerUsage(full, partial)).toEqual(full);
  });

  test("keeps what only one of them has", () => {
    expect(fullerUsage(full, { ...noUsage, costUsd: 0.2 })).toEqual(full);
    expect(fullerUsage({ ...full, costUsd: 0 }, { ...noUsage, costUsd: 0.2 })).toEqual({
      ...full,
      costUsd: 0.2,
    });
    expect(fullerUsage(full, { ...noUsage, completionTokens: 50 })).toEqual(full);
  });
});

describe("tidyUsage", () => {
  test.each([
    ["texts", { prompt_tokens: "5", completion_tokens: "3" }, [5, 3, 8]],
    ["other names", { input_tokens: 5, output_tokens: 3 }, [5, 3, 8]],
    ["a number below 0", { prompt_tokens: -5, completion_tokens: 3 }, [undefined, 3, 3]],
    ["what is no number", { prompt_tokens: {}, completion_tokens: Infinity }, []],
    ["the cost alone", { cost: 0.1 }, []],
  ])(
    "writes %s in OpenAI's fields",
    (_, given: Record<string, unknown>, [prompt, completion, total]) => {
      const wire = { ...given };
      tidyUsage(wire, readUsage(given));
      expect([wire["prompt_tokens"], wire["completion_tokens"], wire["total_tokens"]]).toEqual([
        prompt,
        completion,
        total,
      ]);
    },
  );
});
