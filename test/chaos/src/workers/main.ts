import { createCommand, wholeNumber } from "@orchestra/test-command";
import { isWell, report, summary } from "./report.ts";
import { runWorkerChaos } from "./run.ts";

const command = createCommand(
  "pnpm chaos:workers",
  `Executes durable runs in worker processes that are killed again and again, and restarts the database
once. Then compares the database, the files and the requests that the servers have recorded.`,
)
  .option("--runs <n>", "number of runs", wholeNumber, 300)
  .option("--workers <n>", "number of worker processes", wholeNumber, 4)
  .option("--concurrency <n>", "maximum runs of one process at one time", wholeNumber, 8)
  .option("--kill-every-ms <n>", "mean time between two kills", wholeNumber, 1000)
  .option("--seed <n>", "decides the facts, the times of kills and the victims", wholeNumber, 1)
  .option("--json", "one JSON object on standard output")
  .addHelpText(
    "after",
    `
Exits with 0 if every run ended once with the right answer, and no stored call and no effect was
repeated; else with 1.`,
  );

const { json, ...options } = command.parse().opts();
const onProgress = (line: string) => process.stderr.write(`${line}\n`);
const result = await runWorkerChaos({ ...options, onProgress });
process.stdout.write(`${json ? JSON.stringify(summary(result), undefined, 2) : report(result)}\n`);
process.exitCode = isWell(result) ? 0 : 1;
