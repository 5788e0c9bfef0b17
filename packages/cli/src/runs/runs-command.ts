import { Option, type Command } from "commander";
import { choice, json, modelOfRole, runId, text, wholeNumber } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { CommandContext } from "../command-context.ts";
import type { ListOptions } from "./list-runs.ts";
import type * as actions from "./run-actions.ts";
import type { RunActionOptions } from "./run-actions.ts";

const statuses = [
  "queued",
  "running",
  "waiting",
  "succeeded",
  "rejected",
  "failed",
  "cancelled",
] as const;

export function addRunsCommand(program: Command, context: CommandContext): void {
  const runs = program
    .command("runs")
    .description("Shows and controls the runs in the database.")
    .addHelpText("after", helpText(help));
  const add = (name: string, description: string) =>
    runs
      .command(name)
      .description(description)
      .addOption(new Option("--json", "print JSON"))
      .option("--config <file>", "another config than orchestra.config.ts", text("a file"));
  const addForRun = (name: string, description: string) =>
    add(name, description).argument("<id>", "", runId);
  /** Imports the code of a command when it is used. */
  const act =
    <Options>(action: (module: typeof actions) => actions.RunAction<Options>) =>
    async (id: string, options: Options) =>
      action(await import("./run-actions.ts"))(id, options, context);

  add("list", "Lists runs, the newest first.")
    .option("--status <status>", `one of ${statuses.join(", ")}`, choice(...statuses))
    .option("--pipeline <name>", "only runs of this pipeline", text("a name"))
    .option("--limit <number>", "how many", wholeNumber(1, 1000), 20)
    .action(async (options: ListOptions) => {
      const { listRuns } = await import("./list-runs.ts");
      await listRuns(options, context);
    });
  addForRun("show", "Shows a run and its answer.").action(act((module) => module.showRun));
  addForRun("watch", "Follows a run until it ends, then prints its answer.").action(
    act((module) => module.watchRun),
  );
  addForRun("trace", "Shows the calls, steps and waits of a run, with time and cost.").action(
    act((module) => module.traceRun),
  );
  addForRun("cancel", "Ends a run.")
    .option("--reason <text>", "kept with the run", text("a text"))
    .action(act((module) => module.cancelRun));
  addForRun("approve", "Approves a run that waits for a decision, and continues it.")
    .option("--by <name>", "who decides", text("a name"))
    .option("--note <text>", "kept with the run", text("a text"))
    .option("--interrupt <id>", "which decision, of several", text("an id"))
    .action(act((module) => module.approveRun));
  addForRun("reject", "Rejects a run that waits for a decision, and ends it.")
    .option("--by <name>", "who decides", text("a name"))
    .option("--reason <text>", "kept with the run", text("a text"))
    .option("--interrupt <id>", "which decision, of several", text("an id"))
    .action(act((module) => module.rejectRun));
  addForRun(
    "resume",
    "Continues a run that failed or was cancelled, with its stored answers.",
  ).action(act((module) => module.resumeRun));
  addForRun("retry", "Repeats a run that has ended. The repeated calls are paid for again.")
    .option("--from <step>", "from this step on (default: the beginning)", text("a step"))
    .action(act((module) => module.retryRun));
  addForRun("answer", "Answers the question of a pipeline, and continues its run.")
    .requiredOption("--value <json>", "the value that its interrupt() returns", json)
    .option("--interrupt <id>", "which question, of several", text("an id"))
    .action(act((module) => module.answerRun));
  addForRun("fork", "Starts a new run from a step of another. Reused steps cost nothing.")
    .option("--from <step>", "from this step or call on (default: the beginning)", text("a step"))
    .option("--input <json>", "another input", json)
    .option("--model <role=model>", "another model for a role; repeatable", modelOfRole)
    .action(act((module) => module.forkRun));
  addForRun("export", "Writes the journal of a run, for replay in a test.")
    .option("--output <file>", "a file (default: standard output)", text("a file"))
    .action(act((module) => module.exportRun));
  add("compare", "Shows two runs step by step, with tokens, time and cost.")
    .argument("<a>", "", runId)
    .argument("<b>", "", runId)
    .action(async (a: string, b: string, options: RunActionOptions) => {
      const { compareRuns } = await import("./compare-runs.ts");
      await compareRuns(a, b, options, context);
    });
}

const help = `
The database is DATABASE_URL, or the embedded one of the folder. With the embedded one, and for runs
without a config, the commands approve, reject, answer, resume, retry, fork and watch also execute the
run. Otherwise a worker executes it (orchestra worker).

The first 6 or more characters of an id are enough, if no other run has them.

Examples
  orchestra runs list --status failed
  orchestra runs trace 6f9c2c1e
  orchestra runs approve 6f9c2c1e-0d4f-4a57-9a3c-1f1f1a0e5b11 --by Ann
  orchestra runs retry 6f9c2c1e-0d4f-4a57-9a3c-1f1f1a0e5b11 --from execute
  orchestra runs fork 6f9c2c1e-0d4f-4a57-9a3c-1f1f1a0e5b11 --from execute --model executor=openai/gpt-4o

Exit codes
  0         done; if the command waits for a run: it succeeded
  1         failed
  2         wrong usage, config or settings; no such run, or it is in another state
  3         the run was rejected
  4         the run waits for a decision, or for the day's quota
  75        the database is not available
  129       stopped: the terminal was closed
  130, 143  stopped by Ctrl-C or SIGTERM`;
