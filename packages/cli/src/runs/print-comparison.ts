import { escapeControls } from "@orchestra/core/gateway";
import type { RunComparison, StepFigures, StepTotals } from "@orchestra/runtime";
import type { Output } from "../command-context.ts";
import { formatCount, formatDuration, formatTokens, formatUsd } from "../terminal/amounts.ts";
import { widthOf, wrap } from "../terminal/wrap.ts";

/** Prints two runs step by step, with the calls, tokens, time and cost of each step in both. */
export function printComparison({ a, b, steps, totals }: RunComparison, stdout: Output): void {
  const print = (text: string, indent = "  ") =>
    stdout.write(`${wrap(escapeControls(text), widthOf(stdout), indent)}\n`);
  print(`a  ${a.id}  ${a.pipeline}, ${a.status}`);
  print(`b  ${b.id}  ${b.pipeline}, ${b.status}`);
  for (const { step, visit, isSame, ...runs } of steps) {
    const name = step === "" ? "outside of a graph" : step;
    const again = visit > 1 ? `, visit ${visit}` : "";
    print(
      `${name}${again}: ${runs.a && runs.b ? (isSame ? "same answers" : "other answers") : "in one of them"}`,
    );
    for (const run of ["a", "b"] as const) print(`  ${run}  ${describeStep(runs[run])}`, "     ");
  }
  print("total");
  for (const run of ["a", "b"] as const) print(`  ${run}  ${describeTotals(totals[run])}`, "     ");
}

function describeStep(figures: StepFigures | undefined): string {
  if (!figures) return "not done";
  return [describeTotals(figures), ...figures.models].join(", ");
}

function describeTotals(figures: StepTotals): string {
  const { calls, toolCalls, costUsd, paidUsd, durationMs } = figures;
  const tools = toolCalls > 0 ? ` and ${formatCount(toolCalls, "tool call")}` : "";
  const cost = paidUsd === costUsd ? "" : `, of which ${formatUsd(paidUsd)} paid by this run`;
  return `${formatCount(calls, "call")}${tools}, ${formatTokens(figures)}, ${formatDuration(durationMs)}, ${formatUsd(costUsd)}${cost}`;
}
