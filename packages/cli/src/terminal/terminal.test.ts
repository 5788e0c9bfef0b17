import { describe, expect, test } from "vitest";
import { formatCost, formatCount, formatDuration, formatTokens, formatUsd } from "./amounts.ts";
import { plain } from "./plain.ts";
import { createStyle } from "./style.ts";
import { widthOf, wrap } from "./wrap.ts";

const write = () => undefined;

describe("createStyle()", () => {
  const terminal = { write, isTTY: true };
  const red = "\u001b[31mx\u001b[39m";
  test.each([
    ["uses colors on a terminal", terminal, {}, red],
    ["uses none in files and pipes", { write }, {}, "x"],
    ["uses none with NO_COLOR", terminal, { NO_COLOR: "1" }, "x"],
    ["ignores an empty NO_COLOR", terminal, { NO_COLOR: "" }, red],
    ["uses none with TERM=dumb", terminal, { TERM: "dumb" }, "x"],
    ["uses colors with FORCE_COLOR", { write }, { FORCE_COLOR: "1" }, red],
    ["uses none with both", { write }, { FORCE_COLOR: "1", NO_COLOR: "1" }, "x"],
  ])("%s", (_, output, environment, expected) => {
    expect(createStyle(output, environment)("red", "x")).toBe(expected);
  });
});

test("plain() keeps line breaks and tabs, and escapes all other control characters", () => {
  expect(plain("a\tb\nc\u001b[2Jd\r\u0007")).toBe(
    String.raw`a`.concat("\tb\nc", String.raw`\u001b[2Jd\u000d\u0007`),
  );
});

test("lines are as wide as the terminal, but at least 40 and at most 100 columns", () => {
  expect([10, 60, 1000].map((columns) => widthOf({ write, columns }))).toEqual([40, 60, 100]);
  expect(widthOf({ write, columns: 0 })).toBe(80);
  expect(widthOf({ write })).toBe(Infinity);
  expect(wrap("one two three", 9, "  ")).toBe("one two\n  three");
});

test("dollars, counts and durations are rounded, with their units", () => {
  const amounts = [0, 1.6e-7, 0.000123, 0.01, 0.05, 0.0994, 0.0996, 0.1, 12.345];
  expect(amounts.map(formatUsd)).toEqual([
    "$0.00",
    "$0.00000016",
    "$0.00012",
    "$0.01",
    "$0.05",
    "$0.099",
    "$0.10",
    "$0.10",
    "$12.35",
  ]);
  expect([1, 1200].map((count) => formatCount(count, "token"))).toEqual([
    "1 token",
    "1,200 tokens",
  ]);
  const durations = [12, 999.6, 1234, 59_940, 59_960, 61_000, 119_700, 7_323_000];
  expect(durations.map(formatDuration)).toEqual([
    "12 ms",
    "1.0 s",
    "1.2 s",
    "59.9 s",
    "1 min 0 s",
    "1 min 1 s",
    "2 min 0 s",
    "122 min 3 s",
  ]);
});

test("costs and tokens mention requests whose cost or usage is unknown", () => {
  const usage = { promptTokens: 1000, completionTokens: 200, costUsd: 0.5 };
  expect([formatTokens(usage), formatCost(usage)]).toEqual(["1,200 tokens", "$0.50"]);
  const unknown = { ...usage, unknownUsageAttempts: 1, unknownCostAttempts: 2 };
  expect(formatTokens(unknown)).toBe("at least 1,200 tokens");
  expect(formatCost(unknown)).toBe("$0.50 + 2 requests of unknown cost");
  expect(formatCost({ costUsd: 0, unknownCostAttempts: 1 })).toBe(
    "$0.00 + 1 request of unknown cost",
  );
});

describe("wrap()", () => {
  const terminal = { write, columns: 40 };

  test("breaks text on a terminal, and not in files and pipes", () => {
    const text = "A sentence that does not fit into a line of forty columns.";
    expect(wrap(text, widthOf(terminal)).split("\n")).toHaveLength(2);
    expect(wrap(text, widthOf({ write }))).toBe(text);
  });

  test.each([
    ["an id", "6f9c2c1e-0d4f-4a57-9a3c-1f1f1a0e5b11-and-more"],
    ["a command in backticks", "`orchestra runs fork 6f9c2c1e --from execute`"],
    ["JSON", '{ "a": { "name": "a name of words", "b": 1 } }'],
  ])("does not break %s", (_, part) => {
    const lines = wrap(`These words come before ${part} and these after it.`, 40).split("\n");
    expect(lines).toContain(part);
  });

  test.each([
    "  orchestra runs resume 6f9c2c1e --config its.ts",
    '{"a":"words of a text", "b": [1, 2, 3]}',
  ])("does not break a line that is indented or JSON: %s", (line) => {
    expect(wrap(`Continue it with:\n${line}`, 40)).toBe(`Continue it with:\n${line}`);
  });
});
