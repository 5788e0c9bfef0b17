import { describe, expect, test } from "vitest";
import { startTestOrchestra } from "../../test-support/test-orchestra.ts";
import type { Deliverable } from "./executor.ts";

const claim = (number: number, statement: string) => ({
  number,
  statement,
  evidence: { path: "vell.md", line: number, quote: statement },
});

const review = {
  task: "Describe the lighthouse of Vell.",
  claims: [claim(1, "It was built in 1871."), claim(2, "It is 31 metres high.")],
  openQuestions: [],
  verdict: "approve" as const,
  issues: [],
  confidence: 1,
};

const writes = (content: string) => ({ match: {}, response: { content } });

describe("the executor", () => {
  test("writes Markdown, whose marks code makes into citations", async () => {
    const content = '# Vell\n\nIt is **31 metres** high [F2].\n\n```json\n["[1]"]\n```';
    await using t = await startTestOrchestra({ sandbox: { fixtures: [writes(content)] } });
    expect(await t.orchestra.executor().invoke(review)).toEqual({
      task: review.task,
      text: content.replace("[F2]", "[2]"),
      citations: [{ number: 2, path: "vell.md", line: 2, quote: "It is 31 metres high." }],
    });
    expect(t.sandbox.books.entries[0]?.body).not.toHaveProperty("response_format");
  });

  test("cites all claims if the text has no citation mark", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [writes("It is high.")] } });
    const { citations } = await t.orchestra.executor().invoke(review);
    expect(citations.map(({ number }) => number)).toEqual([1, 2]);
  });

  test("shows the model a mark of no claim once, and ends with an error where it stays", async () => {
    const corrects = {
      match: { userMessage: "the mark [7] belongs to no claim" },
      response: { content: "It was built in 1871 [1]." },
    };
    const wrong = writes("It was built in 1871 [1, 7].");
    await using t = await startTestOrchestra({ sandbox: { fixtures: [corrects, wrong] } });
    expect(await t.orchestra.executor().invoke(review)).toMatchObject({
      text: "It was built in 1871 [1].",
      citations: [{ number: 1 }],
    });
    expect(t.record().attempts).toMatchObject([{}, { repair: true }]);

    await using stubborn = await startTestOrchestra({ sandbox: { fixtures: [wrong] } });
    await expect(stubborn.orchestra.executor().invoke(review)).rejects.toThrow("[7]");
    expect(stubborn.sandbox.books.entries).toHaveLength(2);
  });

  test("streams the growing text and its citations, and at the end the deliverable", async () => {
    const content = "It was built in 1871 [1]. It is 31 metres high [2].";
    await using t = await startTestOrchestra({ sandbox: { fixtures: [writes(content)] } });
    const parts: Deliverable[] = [];
    for await (const part of await t.orchestra.executor().stream(review)) parts.push(part);
    const last = parts.at(-1);
    expect(last).toEqual(await t.orchestra.executor().invoke(review));
    expect(parts.length).toBeGreaterThan(3);
    for (const { text, citations } of parts) {
      expect(content).toContain(text);
      expect(citations.every(({ number }) => text.includes(`[${number}]`))).toBe(true);
    }
    const [, end] = t.events.filter(({ type }) => type === "agent-end");
    expect(end).toMatchObject({ output: last });
  });

  test("refuses a stream's unknown mark at its end", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [writes("Built [9].")] } });
    const stream = await t.orchestra.executor().stream(review);
    await expect(Array.fromAsync(stream)).rejects.toThrow("the mark [9] belongs to no claim");
  });

  test("gives events with the text of the deliverable", async () => {
    await using t = await startTestOrchestra();
    const task = "When was the lighthouse of Vell built?";
    const claims = [claim(1, "The lighthouse of Vell was built in 1871.")];
    const { text } = await t.orchestra.executor().invoke({ ...review, task, claims });
    const deltas = t.events.flatMap((event) => (event.type === "text-delta" ? [event.text] : []));
    expect(deltas.join("")).toBe(text);
    expect(text).toContain("1871 [1]");
  });
});
