import { describe, expect, it } from "vitest";
import { splitSentences } from "./sentences.ts";
import { LAMP_MANUAL } from "./test-material.ts";

const texts = (text: string) =>
  splitSentences(text).map(({ start, end }) => text.slice(start, end));

const kindOf = (part: string) =>
  splitSentences(LAMP_MANUAL).find(({ start, end }) => LAMP_MANUAL.slice(start, end).includes(part))
    ?.kind;

describe("splitSentences", () => {
  it("splits prose, and keeps abbreviations and versions together", () => {
    expect(texts("Use solvents, e.g. acetone. Version 1.2 works! Does it? Yes.")).toEqual([
      "Use solvents, e.g. acetone.",
      "Version 1.2 works!",
      "Does it?",
      "Yes.",
    ]);
  });

  it("returns a sentence with a line break verbatim", () => {
    expect(texts(LAMP_MANUAL)).toContain(
      "It weighs 1.2 kg, and\nits battery lasts for nine hours at full brightness.",
    );
  });

  it("counts the line on which a sentence begins", () => {
    const lines = LAMP_MANUAL.split("\n");
    for (const { start, end, lineOffset } of splitSentences(LAMP_MANUAL)) {
      const [first = ""] = LAMP_MANUAL.slice(start, end).split("\n");
      expect(lines[lineOffset]).toContain(first);
    }
  });

  it("distinguishes prose from headings, rows, items, badges and code", () => {
    expect(kindOf("garden lamp")).toBe("prose");
    expect(kindOf("Charging")).toBe("heading");
    expect(kindOf("GLOW_LEVEL")).toBe("row");
    expect(kindOf("damp cloth")).toBe("item");
    expect(kindOf("badge.svg")).toBe("badge");
    expect(splitSentences("```js\nconst a = 1;\n```")[0]?.kind).toBe("code");
  });

  it("leaves markers of lists and headings out", () => {
    expect(texts("# Title\n\n- [ ] First thing\n2. Second thing")).toEqual([
      "Title",
      "First thing",
      "Second thing",
    ]);
  });
});

it("ends Chinese and Japanese sentences without a space", () => {
  const text = "这口铜钟重312公斤。它在广场上。「重い。」と言った。何キロですか？";
  expect(splitSentences(text).map(({ start, end }) => text.slice(start, end))).toEqual([
    "这口铜钟重312公斤。",
    "它在广场上。",
    "「重い。」",
    "と言った。",
    "何キロですか？",
  ]);
  expect(splitSentences(text).at(-1)).toMatchObject({ isQuestion: true });
});
