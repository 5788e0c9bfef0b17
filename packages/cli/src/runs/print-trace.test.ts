import type { Run, RunEvent } from "@orchestra/runtime";
import { expect, test } from "vitest";
import { printTrace } from "./print-trace.ts";

const id = "01a21ee1-7f0a-7c3b-9d5e-2b8c4f6a1e90";
const start = Date.parse("2026-01-01T00:00:00Z");
const usage = {
  calls: 1,
  attempts: 1,
  promptTokens: 1,
  completionTokens: 1,
  costUsd: 0,
  unknownUsageAttempts: 0,
  unknownCostAttempts: 0,
};
const run = { id, status: "succeeded", usage, createdAt: new Date(start).toISOString() } as Run;

function eventAt(afterMs: number, fields: object): RunEvent {
  const at = new Date(start + afterMs).toISOString();
  return { runId: id, at, cursor: "1", number: 1, ...fields } as RunEvent;
}

/** The lines of a trace, without the description of the run at its end. */
function trace(lastMs: number, columns: number): string[] {
  const events = [
    eventAt(0, { type: "run-queued", pipeline: "orchestra-answer" }),
    eventAt(1234, { type: "run-start", worker: "host:1", execution: 1 }),
    eventAt(lastMs, {
      type: "tool-end",
      status: "failed",
      role: "researcher",
      tool: "t",
      message: "a ".repeat(40),
    }),
  ];
  let text = "";
  printTrace(run, events, { write: (part) => (text += part), columns });
  return text.slice(0, text.indexOf(`\nRun ${id}`)).split("\n");
}

test.each([73_000, 3_700_000, 300_000_000])(
  "the column of times is wide enough for the longest one: %i ms",
  (lastMs) => {
    const lines = trace(lastMs, 80);
    const last = lines.findIndex((line) => line.includes("researcher"));
    const column = lines[last]?.indexOf("researcher") ?? 0;
    expect(lines[last]).toMatch(/^\+\d+ min \d+ s researcher: t failed/);
    expect(lines[0]?.slice(column - 1, column + 3)).toBe(" run");
    expect(lines[1]?.slice(column - 1, column + 5)).toBe(" taken");
    for (const line of lines.slice(last + 1)) expect(line).toMatch(/^ {10,}a/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  },
);

test("in 40 columns, the times have no column, and ids are not broken", () => {
  const lines = trace(73_000, 40);
  expect(lines.slice(0, 3)).toEqual([`+0 ms run`, `  ${id}`, `  (orchestra-answer)`]);
  expect(lines.some((line) => line.startsWith("+1 min 13 s researcher: t failed: a"))).toBe(true);
});

test.each([
  ["succeeded", "researcher: search, 120 ms"],
  ["interrupted", "researcher: search, 120 ms, interrupted"],
])("the line of a tool call with the status %s has its duration", (status, line) => {
  const ended = { type: "tool-end", role: "researcher", tool: "search", durationMs: 120, status };
  let text = "";
  printTrace(run, [eventAt(0, ended)], { write: (part) => (text += part), columns: 80 });
  expect(text.split("\n")[0]).toBe(`+0 ms     ${line}`);
});
