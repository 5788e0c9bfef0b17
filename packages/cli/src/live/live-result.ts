import { escapeControls } from "@orchestra/core/gateway";
import type { Surroundings } from "../surroundings.ts";
import { createStyle } from "../terminal/style.ts";
import { widthOf, wrap } from "../terminal/wrap.ts";

/** What came of one request. */
export interface LiveResult {
  readonly id: string;
  readonly title: string;
  /**
   * - `same`: the answer has the form that the sandbox plays.
   * - `different`: it has another form.
   * - `failed`: it is refused where the sandbox answers, or the other way round, or there is none.
   * - `skipped`: it was not sent.
   */
  readonly outcome: "same" | "different" | "failed" | "skipped";
  readonly differences: readonly string[];
  readonly costUsd: number;
}

const marks = {
  same: ["✓", "green"],
  different: ["≠", "yellow"],
  failed: ["✗", "red"],
  skipped: ["-", "dim"],
} as const;

/** Prints a result, with a line for each difference. */
export function printResult(
  { title, outcome, differences: lines }: LiveResult,
  surroundings: Surroundings,
): void {
  const { stdout, environment } = surroundings;
  const style = createStyle(stdout, environment);
  const [mark, format] = marks[outcome];
  stdout.write(`${style(format, mark)} ${title}\n`);
  for (const line of lines) {
    stdout.write(`    ${wrap(escapeControls(line), widthOf(stdout), "    ")}\n`);
  }
}
