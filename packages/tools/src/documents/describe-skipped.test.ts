import { expect, test } from "vitest";
import { describeSkipped } from "./describe-skipped.ts";

test.each([
  [0, undefined],
  [1, "1 file skipped: 0.pdf (empty)"],
  [5, "5 files skipped: 0.pdf (empty), 1.pdf (empty), 2.pdf (empty), 2 more"],
])("%i skipped documents", (count, note) => {
  const skipped = Array.from({ length: count }, (_, index) => ({
    path: `${index}.pdf`,
    reason: "empty",
  }));
  expect(describeSkipped(skipped)).toBe(note);
});
