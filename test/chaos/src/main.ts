import { createCommand, wholeNumber } from "@orchestra/test-command";
import { isWell, report, summary } from "./report.ts";
import { runChaos } from "./run.ts";

const command = createCommand(
  "pnpm chaos",
  `Runs pipelines on servers that fail one call in five, in every way they know, and compares every
answer with what is known and every record with the servers' books. Among the pipelines are graphs
of agents, tool loops, structured output, batches, live streams that start again, hedged and
coalesced calls, a gateway that falls back by itself, an account with limits, policies of a user's
own that race and repeat, and each dialect.`,
)
  .option("--seed <n>", "decides facts, pipelines and faults", wholeNumber, 1)
  .option("--pipelines <n>", "how many", wholeNumber, 5000)
  .option("--concurrency <n>", "how many at one time", wholeNumber, 64)
  .option("--json", "one JSON object on standard output")
  .addHelpText(
    "after",
    "\nEnds with 0 when nothing was wrong, hung, miscounted or leaked; with 1 otherwise.",
  );

const { seed, pipelines, concurrency, json } = command.parse().opts();
const result = await runChaos({ seed, pipelines, concurrency, onProgress: progress(pipelines) });
if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
process.stdout.write(`${json ? JSON.stringify(summary(result), undefined, 2) : report(result)}\n`);
process.exitCode = isWell(result) ? 0 : 1;

/** A line that is written over, on a terminal alone. */
function progress(pipelines: number): (ended: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (ended) => process.stderr.write(`\r${ended} of ${pipelines} pipelines`);
}
