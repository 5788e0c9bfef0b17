import { createCommand, wholeNumber } from "@orchestra/test-command";
import { measure, type Measurement, type MeasureOptions } from "./measure.ts";
import { scenarios, type Scenario } from "./scenarios.ts";
import { serverScenarios } from "./server-scenarios.ts";
import { openStage } from "./stage.ts";

const command = createCommand(
  "pnpm soak",
  `Does over and over what a long-lived process does, and measures how many bytes it retains of each
call, once what is bounded is full. More than 50 bytes in any scenario are a leak. Where there seem to
be more, it also counts how many objects are retained of each call.`,
)
  .option("--quick", "fewer calls, in about a minute; finds larger leaks only, and says how large")
  .option("--only <text>", "the scenarios with this text in their names", "")
  .option(
    "--times <n>",
    "so many times as many calls: --only HTTP --times 2 has a million values",
    wholeNumber,
    1,
  )
  .addHelpText("after", "\nEnds with 0 when nothing grows and nothing is left; with 1 otherwise.");

const maxBytes = 50;
const full: MeasureOptions = {
  maxBytes,
  warmBytes: 0,
  warmRounds: 3,
  rounds: 10,
  factor: 0.6,
  decidedBy: "bytes",
};
/** With few calls, the normal growth and noise of a heap is more than 50 bytes for each call. */
const quick: MeasureOptions = {
  maxBytes,
  warmBytes: 20_000,
  warmRounds: 1,
  rounds: 5,
  factor: 0.04,
  decidedBy: "lowBytes",
};

const { quick: isQuick, only, times } = command.parse().opts();
const chosen = [...scenarios, ...serverScenarios].filter(({ name }) => name.includes(only));
const options = isQuick ? quick : full;
const results = await soak(chosen, { ...options, factor: options.factor * times });
const bad = results.filter(({ isFlat, problems }) => !isFlat || problems.length > 0);
process.stdout.write(
  bad.length === 0 ? "\nNothing grows.\n" : `\n${bad.length} scenarios grow or leave something.\n`,
);
process.exitCode = bad.length === 0 ? 0 : 1;

async function soak(
  chosen: readonly Scenario[],
  options: MeasureOptions,
): Promise<readonly Measurement[]> {
  const stage = await openStage();
  const results: Measurement[] = [];
  process.stdout.write(
    `${row("bytes each", "objects", "finds from", "of", "seconds", "scenario")}\n`,
  );
  for (const scenario of chosen) {
    const first = await measure(scenario, stage, options);
    if (!first.isFlat) printRow(first);
    // A heap can grow for other reasons. What is retained for each call grows each time.
    const result = first.isFlat ? first : await measure(scenario, stage, options);
    results.push(result);
    printRow(result);
  }
  stage.close();
  return results;
}

function printRow(result: Measurement): void {
  const { bytes, objects, findsFrom, count, unit, seconds, name, problems, isFlat } = result;
  const marks = [...(isFlat ? [] : ["GROWS"]), ...problems].map((mark) => `  <- ${mark}`);
  const line = row(
    bytes.toFixed(1),
    objects?.toFixed(2) ?? "",
    findsFrom.toFixed(0),
    `${count} ${unit}s`,
    seconds.toFixed(1),
    name,
  );
  process.stdout.write(`${line}${marks.join("")}\n`);
}

function row(
  bytes: string,
  objects: string,
  findsFrom: string,
  count: string,
  seconds: string,
  name: string,
): string {
  return `${bytes.padStart(10)}  ${objects.padStart(7)}  ${findsFrom.padStart(10)}  ${count.padStart(16)}  ${seconds.padStart(7)}  ${name}`;
}
