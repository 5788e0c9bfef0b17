import { array, assert, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateCost, estimateTokens } from "./index.ts";

describe("estimateCost", () => {
  const request = { promptTokens: 1000, maxTokens: 500, promptUsd: 2.5e-6, completionUsd: 1e-5 };

  test("is the price of the whole prompt and the longest answer", () => {
    expect(estimateCost(request)).toBeCloseTo(0.0075, 12);
  });

  test("is nothing for a free model", () => {
    expect(estimateCost({ ...request, promptUsd: 0, completionUsd: 0 })).toBe(0);
  });

  test("needs no completion price if the answer has no tokens", () => {
    const embeddings = { ...request, maxTokens: 0, completionUsd: undefined };
    expect(estimateCost(embeddings)).toBeCloseTo(0.0025, 12);
  });

  test.each([
    { promptUsd: undefined },
    { completionUsd: undefined },
    { promptUsd: -1 },
    { completionUsd: -1 },
    { promptUsd: Number.NaN },
    { requestUsd: -1 },
  ])("is not known where a price is not: %o", (unknown) => {
    expect(estimateCost({ ...request, ...unknown })).toBeUndefined();
  });
});

describe("estimateTokens", () => {
  // Tokens as OpenAI's o200k_base and its older cl100k_base count them.
  test.each([
    ["The quick brown fox jumps over the lazy dog.", 10, 10],
    ["const total = items.reduce((sum, { price }) => sum + price, 0);", 19, 19],
    ["Съешь же ещё этих мягких французских булок, да выпей чаю.", 19, 36],
    ["我能吞下玻璃而不伤身体。", 11, 17],
    ["1234567890", 4, 4],
  ])("is not below what %s takes, nor out of all proportion", (text, small, large) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(large);
    expect(estimateTokens(text)).toBeLessThanOrEqual(3 * small);
  });

  test("takes digits and signs one by one, letters by three, other bytes by two", () => {
    expect(estimateTokens("")).toBe(0);
    expect(estimateTokens("a")).toBe(1);
    expect(estimateTokens("az AZ\n")).toBe(2);
    expect(estimateTokens("2026-01-01")).toBe(10);
    expect(estimateTokens("@[`{!!!\x7f")).toBe(8);
    expect(estimateTokens("€")).toBe(2);
  });

  test("counts messages by their JSON", () => {
    const messages = [{ role: "user", content: "Hello" }];
    expect(estimateTokens(messages)).toBe(estimateTokens(JSON.stringify(messages)));
    expect(estimateTokens(messages)).toBeGreaterThan(estimateTokens("Hello") + 4);
    expect(estimateTokens(undefined)).toBe(0);
  });

  test("is never more than the bytes, and never less than a third of them", () => {
    const texts = array(nat({ max: 0x10ffff })).map((points) => String.fromCodePoint(...points));
    assert(
      property(texts, (text) => {
        const bytes = Buffer.byteLength(text);
        expect(estimateTokens(text)).toBeLessThanOrEqual(bytes);
        expect(estimateTokens(text)).toBeGreaterThanOrEqual(bytes / 3);
      }),
    );
  });
});
