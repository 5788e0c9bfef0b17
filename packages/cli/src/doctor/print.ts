import { escapeControls } from "@orchestra/core";
import type { Environment } from "@orchestra/core";
import { createStyle, type Format } from "../terminal/style.ts";
import { widthOf, wrap } from "../terminal/wrap.ts";
import type { Output } from "../surroundings.ts";
import type { Severity } from "./check.ts";
import { checks } from "./checks.ts";
import type { Finding } from "./finding.ts";
import type { Report } from "./report.ts";

const marks: Readonly<Record<Severity, readonly [mark: string, format: Format]>> = {
  error: ["✗", "red"],
  warning: ["!", "yellow"],
  note: ["i", "cyan"],
  ok: ["✓", "green"],
  skipped: ["-", "dim"],
};

/** Prints a report for people. Text of servers cannot control the terminal. */
export function printReport(
  { orchestra, node, summary, findings }: Report,
  output: Output,
  environment: Environment,
): void {
  const style = createStyle(output, environment);
  const width = widthOf(output);
  const write = (text: string, indent: string) => {
    output.write(`${indent}${wrap(escapeControls(text), width, indent)}\n`);
  };
  write(`orchestra doctor ${orchestra}, Node.js ${node}`, "");
  let group = "";
  for (const [index, finding] of findings.entries()) {
    const { check, severity, message, problem, remedy, details, fixed } = finding;
    const [name = ""] = check.split("/");
    if (name !== group) output.write(`\n${style("bold", name)}\n`);
    group = name;
    const [mark, format] = marks[severity];
    const text = severity === "skipped" ? `${titleOf(check)}: ${message}` : message;
    const lines = wrap(escapeControls(text), width, "    ");
    output.write(`  ${style(format, mark)} ${lines}\n`);
    for (const detail of details ?? []) write(detail, "      ");
    if (fixed !== undefined) write(`Fixed: ${fixed}`, "    ");
    // What is to be done about several findings is said once, after the last.
    else if (remedy !== undefined && !isSame(finding, findings[index + 1])) {
      write(`→ ${remedy}`, "    ");
      output.write(`    ${style("dim", `${check}: ${problem}`)}\n`);
    }
  }
  const { error, warning, note } = summary;
  output.write(
    `\n${[count(error, "error"), count(warning, "warning"), count(note, "note")].join(", ")}\n`,
  );
}

function isSame(finding: Finding, next: Finding | undefined): boolean {
  const isOpen = next?.fixed === undefined;
  return isOpen && finding.check === next?.check && finding.problem === next.problem;
}

function titleOf(id: string): string {
  return checks.find((check) => check.id === id)?.title ?? id;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
