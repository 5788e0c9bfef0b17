import { createCommand, wholeNumber } from "@orchestra/test-command";
import { isWell, report, summary } from "./report.ts";
import { runChaos } from "./run.ts";

const command = createCommand(
  "pnpm chaos",
  `Runs pipelines on servers that fail one request in five, with every fault of the sandbox. Compares
each answer with the expected one, and each record with those of the servers. The pipelines are graphs
of agents, tool loops, structured output, batches, streams with restarts, hedged and coalesced calls,
a gateway with its own fallbacks, an account with limits, a user's policies that race and repeat
requests, and each dialect.`,
)
  .option("--seed <n>", "decides facts, pipelines and faults", wholeNumber, 1)
  .option("--pipelines <n>", "how many", wholeNumber, 5000)
  .option("--concurrency <n>", "how many at one time", wholeNumber, 64)
  .option("--json", "one JSON object on standard output")
  .addHelpText(
    "after",
    "\nExits with 0 if no pipeline was wrong or hung, all records agree and nothing was leaked; else with 1.",
  );

const { seed, pipelines, concurrency, json } = command.parse().opts();
const result = await runChaos({ seed, pipelines, concurrency, onProgress: progress(pipelines) });
if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
process.stdout.write(`${json ? JSON.stringify(summary(result), undefined, 2) : report(result)}\n`);
process.exitCode = isWell(result) ? 0 : 1;

/** On a terminal, prints the progress in one line that is overwritten. */
function progress(pipelines: number): (ended: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (ended) => process.stderr.write(`\r${ended} of ${pipelines} pipelines`);
}
