import { createCommand, wholeNumber } from "@orchestra/test-command";
import { isWell, report, summary } from "./report.ts";
import { runWorkerChaos } from "./run.ts";

const command = createCommand(
  "pnpm chaos:workers",
  `Runs pipelines on worker processes that are killed all the time, with one restart of their
database in the middle, and compares what came of it with the books of all servers.`,
)
  .option("--runs <n>", "how many", wholeNumber, 300)
  .option("--workers <n>", "processes that execute them", wholeNumber, 4)
  .option("--concurrency <n>", "runs of one process at one time", wholeNumber, 8)
  .option("--kill-every-ms <n>", "from one kill to the next, on average", wholeNumber, 1000)
  .option("--seed <n>", "decides facts, and who is killed when", wholeNumber, 1)
  .option("--json", "one JSON object on standard output")
  .addHelpText(
    "after",
    `
Ends with 0 when every run ended once and right, and nothing was done twice that was done before;
with 1 otherwise.`,
  );

const { json, ...options } = command.parse().opts();
const onProgress = (line: string) => process.stderr.write(`${line}\n`);
const result = await runWorkerChaos({ ...options, onProgress });
process.stdout.write(`${json ? JSON.stringify(summary(result), undefined, 2) : report(result)}\n`);
process.exitCode = isWell(result) ? 0 : 1;
