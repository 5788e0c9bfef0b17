import { describe, expect, test } from "vitest";
import { readMarks } from "./citation-marks.ts";

describe("marks of citations", () => {
  test.each([
    ["It was built in 1871 [1].", [1], "It was built in 1871 [1]."],
    ["Directly behind the word[2], and [F3].", [2, 3], "Directly behind the word[2], and [3]."],
    ["Two at once [1, 2] or [1; f4].", [1, 2, 1, 4], "Two at once [1][2] or [1][4]."],
    ["A range [2-4] or [1–2].", [2, 3, 4, 1, 2], "A range [2][3][4] or [1][2]."],
    ["灯塔建于1871年【1】。", [1], "灯塔建于1871年[1]。"],
    ["A link [1](a.md), a word [note] and [1a].", [], "A link [1](a.md), a word [note] and [1a]."],
    ["Code `items[0]` and [1].\n```ts\nitems[7];\n```\n", [1], undefined],
    ["A fence that is not closed [2]\n```\n[3]", [2], undefined],
    ["A range that is too long [1-999999].", [1, 999_999], undefined],
    ["Backwards [3-1].", [3, 1], undefined],
    ["Footnotes [^1] and [^2, ^3].", [1, 2, 3], "Footnotes [1] and [2][3]."],
    ["In words [1 and 2], [1, 2, and 3].", [1, 2, 1, 2, 3], "In words [1][2], [1][2][3]."],
    ["With [1 & 2], [1 2], [1 to 3].", [1, 2, 1, 2, 1, 2, 3], "With [1][2], [1][2], [1][2][3]."],
    ["A [Claim 1], [claims 1, 2], [claim1].", [1, 1, 2, 1], "A [1], [1][2], [1]."],
    ["As [see Claim 1], [Claim 1; Claim 2].", [1, 1, 2], "As [1], [1][2]."],
    ["By [Source 1], [ref. 2], [Claim no. 3].", [1, 2, 3], "By [1], [2], [3]."],
    ["By [Finding #1] and [#2].", [1, 2], "By [1] and [2]."],
    ["数字［１］、【２】、[１、２]。", [1, 2, 1, 2], "数字[1]、[2]、[1][2]。"],
    ["Digits [١] and [३].", [1, 3], "Digits [1] and [3]."],
    ["With a source 【1†a.md】.", [1], "With a source [1]."],
    [String.raw`Escaped \[1\].`, [1], "Escaped [1]."],
    ["Side by side [1][2] [3].", [1, 2, 3], undefined],
    ["Ranges with labels [F1-F3, 5].", [1, 2, 3, 5], "Ranges with labels [1][2][3][5]."],
    ["Twice [[1]].", [1], undefined],
    ["A huge one [99999999999999999999] and [1, 12345678901].", [], undefined],
    ["A date [2024-01-15], a time [12:30], a word [Figure 1], [1a], [v1].", [], undefined],
    ["A task [x], an empty [], [ ].", [], undefined],
    ["In a link [see [1] here](a.md), ![1](a.png), [a](b[1].md).", [], undefined],
    ["In an address https://a.b/c[1] and <https://a.b/[2]>.", [], undefined],
    ['In a tag <a href="[1]">a</a>.', [], undefined],
    ["A source [1].\n\n[1]: a.md\n[^2]: The keeper's log", [1], undefined],
    ["Code ``a`[1]`` and ```b[2]``` [3].", [3], undefined],
    ["A fence [1]\n~~~\n[2]\n~~~\n[3]", [1, 3], undefined],
    ["A long fence\n````md\n```\n[1]\n```\n````\n", [], undefined],
  ])("are found and made plain: %s", (text, numbers, plain) => {
    const marks = readMarks(text);
    expect(marks.numbers).toEqual(numbers);
    expect(marks.text).toBe(plain ?? marks.text);
    expect(readMarks(marks.text)).toEqual(marks);
  });

  test.each([
    ["in one block", "```markdown\nBuilt [1].\n```", "Built [1].", [1]],
    ["with code in it", "```md\nBuilt [1].\n```ts\na[0];\n```\n\n```\n", undefined, [1]],
    ["not closed yet", "```markdown\nBuilt [1]. It", "Built [1]. It", [1]],
    ["of which the block is a part", "```markdown\n[1]\n```\nBuilt [2].", undefined, [2]],
  ])("are found in a text %s", (_, whole, text, numbers) => {
    const marks = readMarks(whole);
    expect(marks.numbers).toEqual(numbers);
    expect(marks.text).toBe(text ?? marks.text);
  });

  test.each([
    ["It was built in 1871 (1).", [1], "It was built in 1871 [1]."],
    ["Built (1), repaired (2)(3).", [1, 2, 3], "Built [1], repaired [2][3]."],
    ["Built (1)\nRepaired (2)", [1, 2], "Built [1]\nRepaired [2]"],
    ["First (1) it was built, then (2) repaired.", [], undefined],
    ["(1) It was built.\n(2) It was repaired.", [], undefined],
    ["It was built (1871).", [], undefined],
    ["It was built (1), by seven (7).", [], undefined],
    ["Built [2], and repaired (1).", [2], undefined],
    ["Built in `f(1)`.", [], undefined],
  ])("in parentheses are found where nothing else is meant: %s", (text, numbers, plain) => {
    expect(readMarks(text, [1, 2, 3])).toEqual({ numbers, text: plain ?? text });
  });

  const hostile = [
    "[1",
    "`",
    "[1,",
    "[1 ",
    "```",
    "[1-",
    "[",
    "[^",
    "(1",
    "[a](",
    "<a",
    "~~~\n",
    "[claim ",
  ];
  test.each([...hostile, "``a`", "[1 and ", "[1 to ", "![", "[[1](", "https://a[", "[x]:", "(1)("])(
    "are read in linear time: %j",
    (part) => {
      expect(readMarks(part.repeat(100_000), [1]).text.length).toBeGreaterThan(0);
    },
  );
});
