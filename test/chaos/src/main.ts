import { parseArgs } from "node:util";
import { isWell, report, summary } from "./report.ts";
import { runChaos } from "./run.ts";

const help = `pnpm chaos [options]

Runs pipelines on servers that fail one call in five, in every way they know, and compares every
answer with what is known and every record with the servers' books. Among the pipelines are graphs
of agents, tool loops, structured output, batches, live streams that begin anew, hedged and
coalesced calls, a gateway that falls back by itself, an account with limits, and each dialect.

  --seed N         decides facts, pipelines and faults (1)
  --pipelines N    how many (5000)
  --concurrency N  how many at one time (64)
  --json           one JSON object on standard output
  --help           this text

Ends with 0 when nothing was wrong, hung, miscounted or leaked; with 1 otherwise; with 2 for a
command line that makes no sense.`;

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
  const { seed, pipelines, concurrency, json } = values;
  const result = await runChaos({ seed, pipelines, concurrency, onProgress: progress(pipelines) });
  if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
  process.stdout.write(
    `${json ? JSON.stringify(summary(result), undefined, 2) : report(result)}\n`,
  );
  return isWell(result) ? 0 : 1;
}

interface Values {
  readonly seed: number;
  readonly pipelines: number;
  readonly concurrency: number;
  readonly json: boolean;
  readonly help: boolean;
}

function read(): { values: Values; problem?: string } {
  const values = { seed: 1, pipelines: 5000, concurrency: 64, json: false, help: false };
  try {
    const given = parseArgs({
      options: {
        seed: { type: "string" },
        pipelines: { type: "string" },
        concurrency: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
    for (const name of ["seed", "pipelines", "concurrency"] as const) {
      const text = given[name];
      if (text === undefined) continue;
      if (!/^[1-9]\d{0,8}$/.test(text)) {
        return { values, problem: `--${name} takes a whole number greater than 0, not "${text}"` };
      }
      values[name] = Number(text);
    }
    return { values: { ...values, json: given.json ?? false, help: given.help ?? false } };
  } catch (error) {
    return { values, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** A line that is written over, on a terminal alone. */
function progress(pipelines: number): (ended: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (ended) => process.stderr.write(`\r${ended} of ${pipelines} pipelines`);
}
