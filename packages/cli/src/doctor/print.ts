import type { Environment } from "@orchestra/core";
import { plain } from "../terminal/plain.ts";
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

/**
 * Prints a report for people: groups with problems first, and in each group its problems. Text of servers
 * cannot control the terminal.
 *
 * @param isWhole - Whether checks that were skipped are listed, and not only counted.
 */
export function printReport(
  { orchestra, node, summary, findings }: Report,
  output: Output,
  { environment, isWhole }: { readonly environment: Environment; readonly isWhole: boolean },
): void {
  const style = createStyle(output, environment);
  const width = widthOf(output);
  const write = (text: string, indent: string) => {
    output.write(`${indent}${wrap(plain(text), width, indent)}\n`);
  };
  write(`orchestra doctor ${orchestra}, Node.js ${node}`, "");
  const shown = isWhole ? findings : findings.filter(({ severity }) => severity !== "skipped");
  for (const [group, ofGroup] of problemsFirst(shown)) {
    output.write(`\n${style("bold", group)}\n`);
    for (const [index, finding] of ofGroup.entries()) {
      const { check, severity, message, problem, remedy, details, fixed } = finding;
      const [mark, format] = marks[severity];
      const text = severity === "skipped" ? `${titleOf(check)}: ${message}` : message;
      const lines = wrap(plain(text), width, "    ");
      output.write(`  ${style(format, mark)} ${lines}\n`);
      for (const detail of details ?? []) write(detail, "      ");
      if (fixed !== undefined) write(`Fixed: ${fixed}`, "    ");
      // What is to be done about several findings is said once, after the last.
      else if (remedy !== undefined && !isSame(finding, ofGroup[index + 1])) {
        write(`→ ${remedy}`, "    ");
        output.write(`    ${style("dim", `${check}: ${problem}`)}\n`);
      }
    }
  }
  const { error, warning, note, skipped } = summary;
  output.write("\n");
  write([count(error, "error"), count(warning, "warning"), count(note, "note")].join(", "), "");
  if (skipped === 0 || isWhole) return;
  write(`${count(skipped, "check")} skipped (--all lists the reasons)`, "");
}

/** The findings of each group. */
function problemsFirst(findings: readonly Finding[]): [group: string, Finding[]][] {
  const sorted = findings.toSorted((a, b) => rank(a) - rank(b));
  const groups = Map.groupBy(sorted, ({ check }) => check.split("/")[0] ?? "");
  const order = [...new Set(findings.map(({ check }) => check.split("/")[0]))];
  return [...groups].toSorted(
    ([a, [first]], [b, [other]]) =>
      rank(first) - rank(other) || order.indexOf(a) - order.indexOf(b),
  );
}

function rank(finding: Finding | undefined): number {
  if (finding?.severity === "error") return 0;
  return finding?.severity === "warning" ? 1 : 2;
}

function isSame(finding: Finding, next: Finding | undefined): boolean {
  const isOpen = next?.fixed === undefined;
  const isOfCheck = finding.check === next?.check && finding.problem === next.problem;
  return isOpen && isOfCheck && finding.remedy === next.remedy;
}

function titleOf(id: string): string {
  return checks.find((check) => check.id === id)?.title ?? id;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
