import { escapeControls } from "@orchestra/core/gateway";
import { formatSummary, type Report } from "./report.ts";

/** The report as Markdown for an issue. It leaves out `details`, which can contain values of settings. */
export function toMarkdown({ orchestra, node, platform, summary, findings }: Report): string {
  const rows = findings.map(
    ({ severity, check, problem, message }) =>
      `| ${severity} | ${check}${problem ? `: ${problem}` : ""} | ${cell(message)} |`,
  );
  return [
    "## orchestra doctor",
    "",
    `- @orchestra/cli ${orchestra}, Node.js ${node}, ${platform}`,
    `- ${formatSummary(summary)}`,
    "",
    "| severity | check | finding |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** Makes a text of one cell: on one line, with the characters of Markdown and HTML escaped. */
function cell(text: string): string {
  return escapeControls(text.replaceAll(/\s+/g, " ")).replaceAll(/[|<>`*_[\]\\]/g, String.raw`\$&`);
}
