import { createCommand, wholeNumber } from "@orchestra/test-command";
import { behaviours } from "./behaviours.ts";
import type { CellResult } from "./client.ts";
import { runHostile } from "./run.ts";

/** Processor time of one turn of the event loop, without garbage collection, in milliseconds. */
const maxTurnMs = 50;
/** How often behaviours with long turns are tried again, at most. */
const maxRepeats = 5;

const command = createCommand(
  "pnpm hostile",
  "Makes calls to a server of every hostile behaviour, and checks how each ends, and what it takes.",
)
  .option("--only <text>", "the behaviours with this text in their names", "")
  .option("--concurrency <n>", "how many at one time", wholeNumber, 4)
  .option("--verbose", "a line for each call, not only for those that failed")
  .addHelpText("after", "\nEnds with 0 when every call ended as it should; with 1 otherwise.");

const { only, concurrency, verbose } = command.parse().opts();
const names = Object.keys(behaviours).filter((name) => name.includes(only));
const startedAt = performance.now();
const { results, fatal, peakMb } = await runHostile(names, { concurrency });
const fatals = [...fatal];
const turns = await measureLongAgain(results);
const slowest = turns.toSorted((a, b) => b.turnMs - a.turnMs).slice(0, 5);
const gcMs = Math.max(...results.map((result) => result.gcMs));
const failed = results.filter(({ problem }) => problem !== undefined);

const lines = (verbose ? results : failed).map(
  ({ behaviour, kind, outcome, durationMs, turnMs, problem }) =>
    `${behaviour}, ${kind}: ${outcome} in ${durationMs} ms, ${turnMs} ms at a time${problem === undefined ? "" : `: ${problem}`}`,
);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
lines.push(
  ...fatals,
  `${names.length} behaviours, ${results.length} cells of ${names.length * 3} in ${seconds} s: ${failed.length} failed`,
  `heap of 256 MB, peak ${peakMb.toFixed(0)} MB of memory`,
  `longest turns of the event loop in processor time, of which ${maxTurnMs} ms are allowed: ${slowest.map(({ behaviour, kind, turnMs }) => `${turnMs} ms (${behaviour}, ${kind})`).join(", ")}`,
  `longest pause for garbage collection, which is not part of these: ${gcMs} ms`,
);
process.stdout.write(`${lines.join("\n")}\n`);
process.exitCode =
  failed.length + fatals.length === 0 &&
  (slowest[0]?.turnMs ?? 0) <= maxTurnMs &&
  results.length === names.length * 3
    ? 0
    : 1;

/**
 * Cells share an event loop, and the time of a collection within a turn is only estimated: cells
 * with long turns are tried again, alone. Work of ours that is long is long each time.
 */
async function measureLongAgain(first: readonly CellResult[]): Promise<readonly CellResult[]> {
  let turns = first;
  for (let repeat = 0; repeat < maxRepeats; repeat += 1) {
    const long = new Set(turns.filter(({ turnMs }) => turnMs > maxTurnMs).map(nameOf));
    if (long.size === 0) break;
    const isWanted = (cell: Pick<CellResult, "behaviour" | "kind">) => long.has(nameOf(cell));
    const again = await runHostile(names, { concurrency: 1, isWanted });
    fatals.push(...again.fatal);
    turns = [...turns.filter((cell) => !isWanted(cell)), ...again.results];
  }
  return turns;
}

function nameOf({ behaviour, kind }: Pick<CellResult, "behaviour" | "kind">): string {
  return `${behaviour}, ${kind}`;
}
