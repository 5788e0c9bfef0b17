import { parseArgs } from "node:util";
import { evaluateSet, type Outcome } from "./evaluate.ts";
import { questionSets } from "./question.ts";
import { report, summaryOf } from "./report.ts";

const help = `pnpm search:eval [options]

Asks document search questions in five languages and counts how often the passage that answers is
among the first five. The documents come from the npm registry, and are kept in node_modules/.cache.

  --set NAME  one set, such as fastify.en
  --misses    the questions of the tuned half whose answer is not among the first five
  --json      one JSON object on standard output
  --check     end with 1 if recall at 5 is below 0.82, if a question finds nothing, or if the median
              query takes more than 5 ms
  --help      this text`;

const { values } = parseArgs({
  options: {
    set: { type: "string" },
    misses: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(`${help}\n`);
else process.exitCode = await main();

async function main(): Promise<number> {
  const outcomes: Outcome[] = [];
  for (const set of values.set === undefined ? questionSets() : [values.set]) {
    outcomes.push(...(await evaluateSet(set)));
  }
  const summary = summaryOf(outcomes);
  process.stdout.write(
    `${values.json ? JSON.stringify(summary, undefined, 2) : report(summary)}\n`,
  );
  if (values.misses) process.stdout.write(`${misses(outcomes)}\n`);
  const { all } = summary;
  const isGood = all.recallAt5 >= 0.82 && all.withoutResult === 0 && all.medianMs <= 5;
  return values.check && !isGood ? 1 : 0;
}

function misses(outcomes: readonly Outcome[]): string {
  return outcomes
    .filter(({ rank, isHeldOut }) => !isHeldOut && (rank === 0 || rank > 5))
    .map(({ set, kind, text, expected, rank }) => `${set} ${kind} [${rank}] ${text} → ${expected}`)
    .join("\n");
}
