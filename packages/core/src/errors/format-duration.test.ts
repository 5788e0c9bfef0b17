import { expect, test } from "vitest";
import { formatDuration } from "./format-duration.ts";

test.each([
  [0, "0 ms"],
  [12.3456, "13 ms"],
  [999.5, "1000 ms"],
  [1000, "1 s"],
  [60_054.366943359375, "61 s"],
  [119_001, "2 min"],
  [3_599_000, "1 h 0 min"],
  [55_149_000, "15 h 20 min"],
])("%d ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
