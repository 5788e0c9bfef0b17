import { expect, test } from "vitest";
import type { Results } from "../results.ts";
import { report, withNewer } from "./report.ts";

const results: Results = {
  circumstances: {
    cpu: "Test CPU",
    cores: 2,
    memoryGb: 8,
    node: "24.0.0",
    date: "2026-01-01",
    quick: false,
  },
  start: {
    ratio: 0.9,
    memoryRatio: 1.1,
    rounds: 3,
    rows: [
      { name: "ChatOpenAI", ms: 400, memoryMb: 140, ratio: 1, memoryRatio: 1 },
      { name: "Orchestra", ms: 360, memoryMb: 154, ratio: 0.9, memoryRatio: 1.1 },
    ],
  },
};

test("shows only benches that ran, with their targets and plots", () => {
  const { markdown, plots } = report(results);
  expect(markdown).toContain("## Start-up");
  expect(markdown).not.toContain("## Overhead");
  const rows = markdown.split("\n").map((line) => line.replaceAll(/ +/g, " "));
  expect(rows).toContain("| figure | target | result | |");
  expect(rows).toContain(
    "| `start.ratio`: time of Orchestra over that of ChatOpenAI | at most 1 | 0.9 | met |",
  );
  expect(rows).toContain("| `start.memoryRatio`: memory, likewise | at most 1 | 1.1 | missed |");
  expect(markdown).toContain("(./benchmarks/start.svg)");
  expect(plots.map(({ file }) => file)).toEqual(["start.svg"]);
});

test("new sections replace the earlier ones of the same benches; others are kept, and additional ones come last", () => {
  const earlier = "# Benchmarks\n\nIntro.\n\n## A\n\nold\n\n### More\n\n## B\n\nkept\n";
  const newer = "# Benchmarks\n\nAnother.\n\n## C\n\nadded\n\n## A\n\nnew\n";
  expect(withNewer(earlier, newer)).toBe(
    "# Benchmarks\n\nIntro.\n\n## A\n\nnew\n\n## B\n\nkept\n\n## C\n\nadded\n",
  );
});
