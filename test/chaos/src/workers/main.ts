import { parseArgs } from "node:util";
import { isWell, report, summary } from "./report.ts";
import { runWorkerChaos } from "./run.ts";

const help = `pnpm chaos:workers [options]

Runs pipelines on worker processes that are killed all the time, with one restart of their
database in the middle, and compares what came of it with the books of all servers.

  --runs N           how many (300)
  --workers N        processes that execute them (4)
  --concurrency N    runs of one process at one time (8)
  --kill-every-ms N  from one kill to the next, on average (1000)
  --seed N           decides facts, and who is killed when (1)
  --json             one JSON object on standard output
  --help             this text

Ends with 0 when every run ended once and right, and nothing was done twice that was done
before; with 1 otherwise; with 2 for a command line that makes no sense.`;

const defaults = { runs: 300, workers: 4, concurrency: 8, "kill-every-ms": 1000, seed: 1 };

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, problem } = read();
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n\n${help}\n`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const { "kill-every-ms": killEveryMs, runs, workers, concurrency, seed, json } = values;
  const options = { seed, runs, workers, concurrency, killEveryMs, onProgress: tell };
  const result = await runWorkerChaos(options);
  process.stdout.write(
    `${json ? JSON.stringify(summary(result), undefined, 2) : report(result)}\n`,
  );
  return isWell(result) ? 0 : 1;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

type Values = typeof defaults & { readonly json: boolean; readonly help: boolean };

function read(): { values: Values; problem?: string } {
  const numbers = { ...defaults };
  const values = { ...numbers, json: false, help: false };
  try {
    const given = parseArgs({
      options: {
        runs: { type: "string" },
        workers: { type: "string" },
        concurrency: { type: "string" },
        "kill-every-ms": { type: "string" },
        seed: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
    for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
      const text = given[name];
      if (text === undefined) continue;
      if (!/^[1-9]\d{0,8}$/.test(text)) {
        return { values, problem: `--${name} takes a whole number greater than 0, not "${text}"` };
      }
      numbers[name] = Number(text);
    }
    return { values: { ...numbers, json: given.json ?? false, help: given.help ?? false } };
  } catch (error) {
    return { values, problem: error instanceof Error ? error.message : String(error) };
  }
}
