import { escapeControls } from "@orchestra/core/gateway";
import type { Report } from "./report.ts";

/** A report as Markdown for an issue: what was found, without the values of settings. */
export function toMarkdown({ orchestra, node, platform, summary, findings }: Report): string {
  const rows = findings.map(
    ({ severity, check, problem, message }) =>
      `| ${severity} | ${check}${problem ? `: ${problem}` : ""} | ${cell(message)} |`,
  );
  return [
    "## orchestra doctor",
    "",
    `- @orchestra/cli ${orchestra}, Node.js ${node}, ${platform}`,
    `- ${summary.error} errors, ${summary.warning} warnings, ${summary.note} notes`,
    "",
    "| severity | check | finding |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** A text in one cell of a table. Markdown and HTML in it are shown as text. */
function cell(text: string): string {
  return escapeControls(text.replaceAll(/\s+/g, " ")).replaceAll(/[|<>`*_[\]\\]/g, String.raw`\$&`);
}
