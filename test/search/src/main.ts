import { createCommand, Option } from "@orchestra/test-command";
import { evaluateSet, type Outcome } from "./evaluate.ts";
import { hybridModes, sandboxNote, type Mode } from "./hybrid.ts";
import { questionSets } from "./question.ts";
import { compare, report, summaryOf, type Summary } from "./report.ts";

const command = createCommand(
  "pnpm search:eval",
  `Asks document search questions in five languages and counts how often the passage that answers is
among the first five. The documents come from the npm registry, and are kept in node_modules/.cache.`,
)
  .addOption(new Option("--set <name>", "only this set").choices(questionSets()))
  .option(
    "--hybrid",
    "beside search by words: with vectors, with a ranking by a model, and with both; the models are the sandbox's, which are not real ones",
  )
  .option(
    "--misses",
    "the questions that search is tuned on whose answer is not among the first five",
  )
  .option("--json", "one JSON object on standard output")
  .option(
    "--check",
    "end with 1 if recall at 5 is below 0.85, if a question finds nothing, or if the median query takes more than 5 ms",
  );

const values = command.parse().opts();
process.exitCode = await main();

async function main(): Promise<number> {
  const modes: readonly Mode[] = values.hybrid ? ["lexical", ...hybridModes] : ["lexical"];
  const outcomes = new Map<Mode, Outcome[]>(modes.map((mode) => [mode, []]));
  for (const set of values.set === undefined ? questionSets() : [values.set]) {
    for (const [mode, ofSet] of await evaluateSet(set, modes)) outcomes.get(mode)?.push(...ofSet);
  }
  const lexical = outcomes.get("lexical") ?? [];
  const summary = summaryOf(lexical);
  process.stdout.write(`${values.hybrid ? ofModes(outcomes) : ofOne(summary)}\n`);
  if (values.misses) process.stdout.write(`${misses(lexical)}\n`);
  const { all } = summary;
  const isGood = all.recallAt5 >= 0.85 && all.withoutResult === 0 && all.medianMs <= 5;
  return values.check && !isGood ? 1 : 0;
}

function ofOne(summary: Summary): string {
  return values.json ? JSON.stringify(summary, undefined, 2) : report(summary);
}

function ofModes(outcomes: ReadonlyMap<Mode, readonly Outcome[]>): string {
  const summaries = Array.from(outcomes, ([mode, ofMode]) => [mode, summaryOf(ofMode)] as const);
  if (values.json) {
    const models = "sandbox/embedding, sandbox/rerank: no real models";
    return JSON.stringify({ models, ...Object.fromEntries(summaries) }, undefined, 2);
  }
  return `${compare(summaries)}\n\n${sandboxNote}`;
}

function misses(outcomes: readonly Outcome[]): string {
  return outcomes
    .filter(({ rank, isHeldOut }) => !isHeldOut && (rank === 0 || rank > 5))
    .map(({ set, kind, text, expected, rank }) => `${set} ${kind} [${rank}] ${text} → ${expected}`)
    .join("\n");
}
