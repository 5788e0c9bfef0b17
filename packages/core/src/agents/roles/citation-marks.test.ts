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

  test("are read in linear time", () => {
    for (const hostile of ["[1", "`", "[1,", "[1 ", "```", "[1-"]) {
      expect(readMarks(hostile.repeat(100_000)).numbers).toEqual([]);
    }
  });
});
