import { expect, test } from "vitest";
import { evaluateSet } from "./evaluate.ts";
import { report, summaryOf } from "./report.ts";

test("search finds the answers in undici's documentation, and ranks passages for every question", async () => {
  const outcomes = await evaluateSet("undici.en");
  const { all } = summaryOf(outcomes.get("lexical") ?? []);
  expect(all.withoutResult).toBe(0);
  expect(all.recallAt5).toBeGreaterThanOrEqual(0.8);
});

test("a report counts an answer at rank 6 as not found", () => {
  const outcome = (rank: number, hasResults = true) => ({
    kind: "natural" as const,
    text: "Why?",
    expected: "so",
    set: "some.en",
    isHeldOut: rank === 6,
    rank,
    hasResults,
    ms: rank,
  });
  const summary = summaryOf([outcome(1), outcome(5), outcome(6), outcome(0, false)]);
  expect(summary).toMatchObject({
    all: { questions: 4, recallAt5: 0.5, withoutResult: 0.25, maxMs: 6 },
    heldOut: { questions: 1, recallAt5: 0 },
    byLanguage: { en: { questions: 4 } },
  });
  expect(report(summary)).toMatch(/held out +1 +0\.00/);
});
