import { parseArgs } from "node:util";
import { behaviours } from "./behaviours.ts";
import { runHostile } from "./run.ts";

/** Far beyond what any cell takes on a loaded machine: only work that grows with what a server sends gets there. */
const maxBlockedMs = 2000;

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
const slowest = results.toSorted((a, b) => b.blockedMs - a.blockedMs).slice(0, 5);
const failed = results.filter(({ problem }) => problem !== undefined);

const lines = (values.verbose ? results : failed).map(
  ({ behaviour, kind, outcome, durationMs, problem }) =>
    `${behaviour}, ${kind}: ${outcome} in ${durationMs} ms${problem === undefined ? "" : `: ${problem}`}`,
);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
lines.push(
  ...fatal,
  `${names.length} behaviours, ${results.length} cells of ${names.length * 3} in ${seconds} s: ${failed.length} failed`,
  `heap of 256 MB, peak ${peakMb.toFixed(0)} MB of memory`,
  `longest blocks of the event loop, of which ${maxBlockedMs} ms are allowed: ${slowest.map(({ behaviour, kind, blockedMs }) => `${blockedMs} ms (${behaviour}, ${kind})`).join(", ")}`,
);
process.stdout.write(`${lines.join("\n")}\n`);
process.exitCode =
  failed.length + fatal.length === 0 &&
  (slowest[0]?.blockedMs ?? 0) <= maxBlockedMs &&
  results.length === names.length * 3
    ? 0
    : 1;
