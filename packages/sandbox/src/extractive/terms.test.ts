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

it("keeps the content words of Chinese and Japanese, which set no spaces", () => {
  const words = (question: string) => questionTerms(question).map(({ word }) => word);
  expect(words("这口铜钟有多重？")).toEqual(expect.arrayContaining(["铜", "钟", "重"]));
  expect(words("リトライは何回行われますか？")).toContain("リトライ");
  expect(words("リトライは何回行われますか？").join("")).not.toMatch(/は|ますか/);
  expect(words("Electron安装失败")).toContain("Electron");
});

it("finds Chinese and Japanese sentences by any short piece of them", () => {
  const keys = sentenceKeys("这口铜钟重312公斤。リトライは3回まで行われます。");
  for (const key of ["铜钟", "铜", "公斤", "312", "リトライ", "3"]) expect(keys).toContain(key);
});
