import { describe, expect, test } from "vitest";
import { escapeControls } from "./escape-controls.ts";

describe("escapeControls", () => {
  test.each([
    ["an escape sequence", "a\u001b[2Kb", String.raw`a\u001b[2Kb`],
    ["line breaks", "a\nb\r\nc", String.raw`a\u000ab\u000d\u000ac`],
    ["a separator of lines", "a\u2028b\u2029c", String.raw`a\u2028b\u2029c`],
    ["delete and C1 controls", "a\u007fb\u009bc", String.raw`a\u007fb\u009bc`],
    ["marks that reorder text", "a\u202eb\u2066c", String.raw`a\u202eb\u2066c`],
  ])("shows %s", (_, text, shown) => expect(escapeControls(text)).toBe(shown));

  test("does not change other text", () => {
    const text = 'Zürich — 価格 €5 👩‍🚀 "quoted" \\n';
    expect(escapeControls(text)).toBe(text);
  });
});
