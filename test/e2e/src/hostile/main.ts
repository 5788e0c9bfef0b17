import { parseArgs } from "node:util";
import { behaviours } from "./behaviours.ts";
import { runHostile } from "./run.ts";

/** Processor time of one turn of the event loop, without garbage collection, in milliseconds. */
const maxTurnMs = 50;

/** `pnpm hostile`: every behaviour of a hostile server, or those whose names contain `--only`. */
const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    concurrency: { type: "string", default: "4" },
    verbose: { type: "boolean", default: false },
  },
});

const names = Object.keys(behaviours).filter((name) => name.includes(values.only));
const startedAt = performance.now();
const { results, fatal, peakMb } = await runHostile(names, {
  concurrency: Number(values.concurrency),
});
/** Cells share an event loop: those with long turns are tried again without the others. */
const long = new Set(results.filter(({ turnMs }) => turnMs > maxTurnMs).map((r) => r.behaviour));
const alone = await runHostile([...long], { concurrency: 1 });
fatal.push(...alone.fatal);
const turns = [...results.filter(({ behaviour }) => !long.has(behaviour)), ...alone.results];
const slowest = turns.toSorted((a, b) => b.turnMs - a.turnMs).slice(0, 5);
const gcMs = Math.max(...results.map((result) => result.gcMs));
const failed = results.filter(({ problem }) => problem !== undefined);

const lines = (values.verbose ? results : failed).map(
  ({ behaviour, kind, outcome, durationMs, turnMs, problem }) =>
    `${behaviour}, ${kind}: ${outcome} in ${durationMs} ms, ${turnMs} ms at a time${problem === undefined ? "" : `: ${problem}`}`,
);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
lines.push(
  ...fatal,
  `${names.length} behaviours, ${results.length} cells of ${names.length * 3} in ${seconds} s: ${failed.length} failed`,
  `heap of 256 MB, peak ${peakMb.toFixed(0)} MB of memory`,
  `longest turns of the event loop in processor time, of which ${maxTurnMs} ms are allowed: ${slowest.map(({ behaviour, kind, turnMs }) => `${turnMs} ms (${behaviour}, ${kind})`).join(", ")}`,
  `longest pause for garbage collection, which is not part of these: ${gcMs} ms`,
);
process.stdout.write(`${lines.join("\n")}\n`);
process.exitCode =
  failed.length + fatal.length === 0 &&
  (slowest[0]?.turnMs ?? 0) <= maxTurnMs &&
  results.length === names.length * 3
    ? 0
    : 1;
