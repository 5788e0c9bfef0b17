import { parseArgs } from "node:util";
import { report, reportSeed, summaryOf } from "./report.ts";
import { runSeeds } from "./run-seeds.ts";
import { simulate } from "./simulate.ts";
import type { Totals } from "./totals.ts";

const help = `pnpm simulate [options]

Runs Orchestra's model calls in virtual time against a simulated provider and checks what must always
hold. One seed determines one history.

  --seeds N    how many seeds (10000)
  --from S     the first seed (1)
  --seed S     one seed, with its history
  --workers N  worker threads (2)
  --json       one JSON object on standard output
  --help       this text

Ends with 0 when every check holds, with 1 when one fails, and with 2 for a wrong command line.`;

const numbers = { seeds: 10_000, from: 1, seed: undefined, workers: 2 } as const;

interface Values {
  readonly seeds: number;
  readonly from: number;
  readonly seed: number | undefined;
  readonly workers: number;
  readonly json: boolean;
  readonly help: boolean;
}

process.exitCode = await main();

async function main(): Promise<number> {
  let values: Values;
  try {
    values = read();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}\n`);
    return 2;
  }
  if (values.help) return print(help, 0);
  return values.seed === undefined ? runMany(values) : runOne(values.seed, values.json);
}

async function runOne(seed: number, isJson: boolean): Promise<number> {
  const result = await simulate(seed, { keepsHistory: true });
  const text = isJson ? JSON.stringify(result, undefined, 2) : reportSeed(result);
  return print(text, result.violations.length === 0 ? 0 : 1);
}

async function runMany({ seeds, from, workers, json }: Values): Promise<number> {
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

/** @throws {Error} for a command line that is wrong */
function read(): Values {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    options: { seeds: text, from: text, seed: text, workers: text, json: flag, help: flag },
  });
  const number = <T>(name: keyof typeof numbers, initial: T): number | T => {
    const value = values[name];
    if (value === undefined) return initial;
    if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
    throw new Error(`--${name} is "${value}": expected a whole number greater than 0`);
  };
  if (values.seed !== undefined && (values.seeds ?? values.from) !== undefined) {
    throw new Error("--seed runs one seed: it goes without --seeds and --from");
  }
  return {
    seeds: number("seeds", numbers.seeds),
    from: number("from", numbers.from),
    seed: number("seed", numbers.seed),
    workers: number("workers", numbers.workers),
    json: values.json,
    help: values.help,
  };
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
