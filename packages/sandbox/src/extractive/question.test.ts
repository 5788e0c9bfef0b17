import { describe, expect, it } from "vitest";
import { findQuestion } from "./question.ts";

const user = (text: string) => [{ role: "user", text, toolCalls: [] } as const];

describe("findQuestion", () => {
  it.each([
    ["the only paragraph", "Why is it so?", "Why is it so?"],
    ["the section Task", "## Task\nExplain it.\n\n## Findings\nMany.", "Explain it."],
    ["the section Question, wherever it stands", "# Material\nText.\n\n# Question\nWhy?", "Why?"],
    ["a label", "Context: Some text.\n\nQuestion: Why?\nAnswer:", "Why?"],
    ["a bold label", "**Task:** Explain it.\n\n**Material:** text", "Explain it."],
    ["a tag", "<documents>\nText.\n</documents>\n<question>Why?</question>", "Why?"],
    ["a field of JSON", '{"task":"Explain it.","findings":[]}', "Explain it."],
    ["the first paragraph", "Why?\n\nA text about reasons.", "Why?"],
    ["the last paragraph after material", "A text about reasons.\n\nWhy?", "Why?"],
  ])("takes %s", (_, text, question) => {
    expect(findQuestion(user(text))).toBe(question);
  });

  it("takes the last user message", () => {
    expect(findQuestion([...user("First?"), ...user("Second?")])).toBe("Second?");
    expect(findQuestion([])).toBe("");
  });

  it("is not fooled by headings inside a fence", () => {
    expect(findQuestion(user("Why?\n\n```md\n# Question\nOther?\n```"))).toBe("Why?");
  });
});
