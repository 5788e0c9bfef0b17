import { describe, expect, it } from "vitest";
import { chooseSentences, ENOUGH_FROM_SOURCES } from "./choose.ts";
import { LAMP_PASSAGES } from "./test-material.ts";
import { questionTerms } from "./terms.ts";

const passages = LAMP_PASSAGES.map((passage) => ({ kind: "source", ...passage }) as const);
const choose = (question: string) => chooseSentences(questionTerms(question), passages, 3);

describe("chooseSentences", () => {
  it.each([
    ["How long does the battery last at full brightness?", "nine hours", "docs/lamp.md", 5],
    ["How long does charging over USB take?", "four hours", "docs/lamp.md", 10],
    ["Why should I never charge the lamp when it is freezing?", "cells swell", "docs/lamp.md", 11],
    ["What is the default of GLOW_LEVEL?", "| 40 |", "docs/lamp.md", 15],
    ["How often do I wipe the panel?", "damp cloth", "docs/lamp.md", 19],
    ["Is broken glass covered by the warranty?", "Broken glass", "docs/warranty.md", 11],
  ])("answers %j", (question, part, path, line) => {
    const { excerpts, coverage } = choose(question);
    expect(coverage).toBeGreaterThanOrEqual(ENOUGH_FROM_SOURCES);
    const excerpt = excerpts.find(({ text }) => text.includes(part));
    expect(excerpt).toMatchObject({ path, line });
    expect(passages.some(({ text }) => text.includes(excerpt?.text ?? "?"))).toBe(true);
  });

  it.each([
    "What is the capital of France?",
    "Who founded the company that makes the lamp, and in which year?",
    "Which Kubernetes version does the operator need?",
    "How many bytes of memory does the scheduler need?",
    "What does the warranty on bicycles cost?",
  ])("finds nothing for %j", (question) => {
    expect(choose(question).coverage).toBeLessThan(ENOUGH_FROM_SOURCES);
  });

  it("prefers a sentence with a number for a question of quantity", () => {
    const text = "The lamp is heavy for a lamp. Without its foot the lamp weighs 1.2 kg.";
    const terms = questionTerms("How much does the heavy lamp weigh?");
    const first = (prefersNumbers: boolean) =>
      chooseSentences(terms, [{ kind: "source", text }], 1, prefersNumbers).excerpts[0]?.text;
    expect(first(false)).toContain("heavy");
    expect(first(true)).toContain("1.2 kg");
  });

  it("takes the first sentences where nothing in particular is asked", () => {
    const { excerpts, coverage } = choose("Summarise the following text.");
    expect(excerpts[0]?.text).toBe("Lantern is a garden lamp that charges by day.");
    expect(excerpts).toHaveLength(3);
    expect(coverage).toBe(1);
  });

  it("finds nothing in nothing", () => {
    expect(chooseSentences(questionTerms("Why?"), [], 3)).toEqual({ excerpts: [], coverage: 0 });
    expect(chooseSentences(questionTerms("Why lamps?"), [], 3).excerpts).toEqual([]);
  });
});
