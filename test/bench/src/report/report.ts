import { benchNames } from "../bench-names.ts";
import type { Circumstances, Results } from "../results.ts";
import { plotsOf, type Plot } from "./plots.ts";
import type { Section } from "./section.ts";
import { sectionsOf } from "./sections.ts";

/** `docs/benchmarks.md`, and its plots. */
export function report(results: Results): { markdown: string; plots: readonly Plot[] } {
  const plots = plotsOf(results);
  const parts = [
    "# Benchmarks",
    intro(results.circumstances),
    ...sectionsOf(results).flatMap((section) => [
      `## ${section.title}`,
      `Measured on ${results.circumstances.date}.`,
      section.text,
      section.verdict,
      ...section.tables.flatMap(({ caption, table }) => [`${caption}:`, table]),
      ...plots
        .filter((plot) => plot.section === section.title)
        .map(({ title, file }) => `![${title}](./benchmarks/${file})`),
    ]),
  ];
  return { markdown: `${parts.join("\n\n")}\n`, plots };
}

/**
 * An earlier report with the sections of a newer one, which ran some of the benches: instead of those of
 * the same title, and at the end where there was none.
 */
export function withNewer(earlier: string, newer: string): string {
  const [intro = "", ...kept] = earlier.split(sectionStart);
  const [, ...fresh] = newer.split(sectionStart);
  const sections = new Map([...kept, ...fresh].map((section) => [titleOf(section), section]));
  return [intro, ...sections.values()].map((part) => part.trimEnd()).join("\n\n") + "\n";
}

const sectionStart = /^(?=## )/m;

function titleOf(section: string): string {
  return section.slice(0, section.indexOf("\n"));
}

/** The verdicts and the tables, for a terminal. */
export function summary(results: Results): string {
  return `${sectionsOf(results).map(inTerminal).join("\n\n")}\n`;
}

function inTerminal({ title, verdict, tables }: Section): string {
  const captioned = tables.flatMap(({ caption, table }) => [caption, table]);
  return [title, verdict, ...captioned].join("\n\n");
}

function intro({ cpu, cores, memoryGb, node }: Circumstances): string {
  return `Written by \`npx -y pnpm@12 bench --write\`, with Node.js ${node} on ${cores} cores (${cpu}) and ${memoryGb} GB.
Everything runs on loopback, and every ratio compares clients of the same run.
The figures are of that machine; run the command to measure yours.
Shared machines are noisy: the overheads of two runs have differed by 30 percent.

\`npx -y pnpm@12 bench --quick\` takes some minutes, \`--json\` prints one object, \`--only overhead\` runs one of ${benchNames.map((name) => `\`${name}\``).join(", ")}.`;
}
