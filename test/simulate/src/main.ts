import { createCommand, Option, wholeNumber } from "@orchestra/test-command";
import { report, reportSeed, summaryOf } from "./report.ts";
import { runSeeds } from "./run-seeds.ts";
import { simulate } from "./simulate.ts";
import type { Totals } from "./totals.ts";

const command = createCommand(
  "pnpm simulate",
  `Runs Orchestra's model calls in virtual time against a simulated provider and checks what must always
hold. One seed determines one history.`,
)
  .option("--seeds <n>", "how many seeds", wholeNumber, 10_000)
  .option("--from <s>", "the first seed", wholeNumber, 1)
  .addOption(
    new Option("--seed <s>", "one seed, with its history")
      .argParser(wholeNumber)
      .conflicts(["seeds", "from"]),
  )
  .option("--workers <n>", "worker threads", wholeNumber, 2)
  .option("--json", "one JSON object on standard output")
  .addHelpText("after", "\nEnds with 0 when every check holds, and with 1 when one fails.");

const { seed, seeds, from, workers, json = false } = command.parse().opts();
process.exitCode = seed === undefined ? await runMany() : await runOne(seed);

async function runOne(seed: number): Promise<number> {
  const result = await simulate(seed, { keepsHistory: true });
  const text = json ? JSON.stringify(result, undefined, 2) : reportSeed(result);
  return print(text, result.violations.length === 0 ? 0 : 1);
}

async function runMany(): Promise<number> {
  const startedAt = performance.now();
  const totals = await runSeeds({ seeds, from, workers, onProgress: progress(seeds) });
  if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
  const wallMs = performance.now() - startedAt;
  const text = json
    ? JSON.stringify(summaryOf(totals, wallMs), undefined, 2)
    : report(totals, wallMs);
  return print(text, totals.failed.length === 0 ? 0 : 1);
}

function print(text: string, exitCode: number): number {
  process.stdout.write(`${text}\n`);
  return exitCode;
}

/** A line that is overwritten on a terminal, and a line for each tenth elsewhere. */
function progress(seeds: number): (totals: Totals) => void {
  let tenths = 0;
  return (totals) => {
    const line = `${totals.seeds} of ${seeds} seeds, ${totals.failed.length} failed`;
    if (process.stderr.isTTY) process.stderr.write(`\r${line}`);
    const reached = Math.floor((totals.seeds / seeds) * 10);
    if (process.stderr.isTTY || reached === tenths || seeds < 1_000) return;
    tenths = reached;
    process.stderr.write(`${line}\n`);
  };
}
