import { writeFile } from "node:fs/promises";
import { createCommand, Option, wholeNumber } from "@orchestra/test-command";
import type { Case, Place } from "./case.ts";
import { isWell, report, summary, wordsFor } from "./report.ts";
import { runCrashes } from "./run.ts";

const command = createCommand(
  "pnpm chaos:crash",
  `Breaks durable runs at each of their statements: the process stops and comes back when another has
taken over, the process is killed, the connection is cut; each before the statement is sent, and
after it was executed and before its answer arrives. On PostgreSQL and on PGlite.`,
)
  .option("--deaths <n>", "how many runs are broken", wholeNumber, 400)
  .addOption(
    new Option("--harm <name>", "only this one").choices(["freeze", "cut", "kill"] as const),
  )
  .option(
    "--lanes <n>",
    "how many runs of each harm are broken at the same time, at most",
    wholeNumber,
    4,
  )
  .option(
    "--minutes <n>",
    "breaks no more after so many minutes, however many it has broken",
    wholeNumber,
  )
  .option("--seed <n>", "decides which statements come first", wholeNumber, 1)
  .option("--verbose", "prints each case when it begins")
  .option("--write <file>", "writes the result as JSON")
  .option("--json", "one JSON object on standard output")
  .addHelpText(
    "after",
    `
Ends with 0 when every run ended once, with an output of one execution, and was booked right; with 1
otherwise.`,
  );

const { json, write, verbose, harm, minutes, ...options } = command.parse().opts();
const result = await runCrashes({
  ...options,
  harm,
  minutes,
  onProgress: tell,
  onProblem: (problem) => tell(wordsFor(problem)),
  onCase: verbose ? tellCase : undefined,
});
const asJson = JSON.stringify(summary(result), undefined, 2);
if (write !== undefined) await writeFile(write, `${asJson}\n`);
process.stdout.write(`${json ? asJson : report(result)}\n`);
process.exitCode = isWell(result) ? 0 : 1;

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function tellCase({ backend }: Place, broken: Case): void {
  tell(`${backend} ${JSON.stringify(broken)}`);
}
