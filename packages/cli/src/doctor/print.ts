import type { Environment } from "@orchestra/core";
import { formatCount } from "../terminal/amounts.ts";
import { plain } from "../terminal/plain.ts";
import { createStyle, type Format } from "../terminal/style.ts";
import { widthOf, wrap } from "../terminal/wrap.ts";
import type { Output } from "../command-context.ts";
import type { Severity } from "./check.ts";
import { checks } from "./checks.ts";
import type { Finding } from "./finding.ts";
import { formatSummary, type Report } from "./report.ts";

const marks: Readonly<Record<Severity, readonly [mark: string, format: Format]>> = {
  error: ["✗", "red"],
  warning: ["!", "yellow"],
  note: ["i", "cyan"],
  ok: ["✓", "green"],
  skipped: ["-", "dim"],
};

/**
 * Prints a report as text: groups with problems come first, and in each group the problems come first. Control
 * characters, such as those in answers of servers, are escaped.
 *
 * @param isWhole - Whether skipped checks are listed. If not, only their number is printed.
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
      // The same remedy of several findings is printed once, after the last of them.
      else if (remedy !== undefined && !isSame(finding, ofGroup[index + 1])) {
        write(`→ ${remedy}`, "    ");
        output.write(`    ${style("dim", `${check}: ${problem}`)}\n`);
      }
    }
  }
  const { skipped } = summary;
  output.write("\n");
  write(formatSummary(summary), "");
  if (skipped === 0 || isWhole) return;
  write(`${formatCount(skipped, "check")} skipped (--all lists the reasons)`, "");
}

/** The findings of each group. Groups with problems come first, and so do the problems in each group. */
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
