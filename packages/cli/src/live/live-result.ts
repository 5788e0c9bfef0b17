import { escapeControls } from "@orchestra/core/gateway";
import type { CommandContext } from "../command-context.ts";
import { createStyle } from "../terminal/style.ts";
import { widthOf, wrap } from "../terminal/wrap.ts";

/** The result of one request. */
export interface LiveResult {
  readonly id: string;
  readonly title: string;
  /**
   * - `same`: the answer has the form of the sandbox's answer.
   * - `different`: it has another form.
   * - `failed`: there was no answer, or only one of the two servers answered with an error.
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
  context: CommandContext,
): void {
  const { stdout, environment } = context;
  const style = createStyle(stdout, environment);
  const [mark, format] = marks[outcome];
  stdout.write(`${style(format, mark)} ${title}\n`);
  for (const line of lines) {
    stdout.write(`    ${wrap(escapeControls(line), widthOf(stdout), "    ")}\n`);
  }
}
