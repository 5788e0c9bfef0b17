import { expect, it } from "vitest";
import { questionTerms, sentenceKeys } from "./terms.ts";

it("keeps the words of a question that have content, each once", () => {
  const words = questionTerms("How does the lamp charge, and what charges the lamp?").map(
    ({ word }) => word,
  );
  expect(words).toEqual(["lamp", "charge"]);
});

it("keeps names with joints whole in questions", () => {
  const keys = questionTerms("What does GLOW_LEVEL do in node.js with maxRetries?").map(
    ({ key }) => key,
  );
  expect(keys).toEqual(["glow_level", "node.js", "maxretries"]);
});

it("finds sentences by names and by their parts", () => {
  const keys = sentenceKeys("Set GLOW_LEVEL or maxRetries for rate-limited calls.");
  for (const key of ["glow_level", "glow", "level", "maxretries", "retri", "rat", "limit"]) {
    expect(keys).toContain(key);
  }
});
