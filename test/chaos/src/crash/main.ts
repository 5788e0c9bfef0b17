import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Case, Place } from "./case.ts";
import { isWell, report, summary, wordsFor } from "./report.ts";
import { runCrashes } from "./run.ts";

const help = `pnpm chaos:crash [options]

Breaks durable runs at each of their statements: the process stops and comes back when another has
taken over, the process is killed, the connection is cut; each before the statement is sent, and
after it was executed and before anybody heard of it. On PostgreSQL and on PGlite.

  --deaths N     how many runs are broken (400)
  --harm NAME    only one of freeze, cut, kill
  --lanes N      how many runs of each harm are broken at the same time, at most (4)
  --minutes N    breaks no more after so many minutes, however many it has broken
  --seed N       decides which statements come first (1)
  --verbose      tells each case as it begins
  --write FILE   writes the result as JSON
  --json         one JSON object on standard output
  --help         this text

Ends with 0 when every run ended once, with an output of one execution, and was booked right; with 1
otherwise; with 2 for a command line that makes no sense.`;

const harms = ["freeze", "cut", "kill"] as const;

process.exitCode = await main();

async function main(): Promise<number> {
  const given = read();
  if (typeof given === "string") {
    process.stderr.write(`${given}\n\n${help}\n`);
    return 2;
  }
  if (given.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const result = await runCrashes({
    ...given,
    onProgress: tell,
    onProblem: (problem) => tell(wordsFor(problem)),
    onCase: given.verbose ? tellCase : undefined,
  });
  const json = JSON.stringify(summary(result), undefined, 2);
  if (given.write !== undefined) await writeFile(given.write, `${json}\n`);
  process.stdout.write(`${given.json ? json : report(result)}\n`);
  return isWell(result) ? 0 : 1;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function tellCase({ backend }: Place, broken: Case): void {
  tell(`${backend} ${JSON.stringify(broken)}`);
}

/** What the command line asks for, or what is wrong with it. */
function read() {
  try {
    const { values } = parseArgs({
      options: {
        deaths: { type: "string", default: "400" },
        minutes: { type: "string" },
        lanes: { type: "string", default: "4" },
        seed: { type: "string", default: "1" },
        harm: { type: "string" },
        write: { type: "string" },
        verbose: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    for (const name of ["deaths", "lanes", "minutes", "seed"] as const) {
      if (!/^[1-9]\d{0,8}$/.test(values[name] ?? "1")) {
        return `--${name} takes a whole number greater than 0, not "${values[name]}"`;
      }
    }
    const harm = harms.find((name) => name === values.harm);
    if (values.harm !== undefined && harm === undefined) {
      return `--harm takes ${harms.join(", ")}, not "${values.harm}"`;
    }
    return {
      ...values,
      harm,
      deaths: Number(values.deaths),
      lanes: Number(values.lanes),
      minutes: values.minutes === undefined ? undefined : Number(values.minutes),
      seed: Number(values.seed),
    };
  } catch (error) {
    return (error as Error).message;
  }
}
