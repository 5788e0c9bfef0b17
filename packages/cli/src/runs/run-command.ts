import type { Command } from "commander";
import { dollars, text } from "../arguments.ts";
import { UnknownCommandError } from "../help/unknown-command-error.ts";
import { helpText } from "../terminal/help.ts";
import type { CommandContext } from "../command-context.ts";
import type { RunTaskOptions } from "./run-task.ts";

export function addRunCommand(program: Command, context: CommandContext): void {
  program
    .command("run")
    .description("Runs a task, and prints the answer.")
    .argument("[task]", "the task; - reads it from standard input")
    .option("--docs <folder>", "answer from these documents, with citations", text("a folder"))
    .option("--mcp <file>", "with the tools of these MCP servers", text("a file"))
    .option("--pipeline <name>", "a pipeline of orchestra.config.ts", text("a name"))
    .option(
      "--input <json>",
      "input of the pipeline, instead of a task; - reads it from standard input",
      text("JSON"),
    )
    .option("--role <name>", "one answer by this role", text("a name"))
    .option("--budget-usd <dollars>", "maximum cost of the run", dollars)
    .option("--approve", "wait for a person before the executor")
    .option("--detach", "put the run into the queue, for a worker")
    .option("--json", "print the whole run as JSON")
    .option("--config <file>", "another config than orchestra.config.ts", text("a file"))
    .addHelpText("after", helpText(help))
    .action(async (task: string | undefined, options: RunTaskOptions, command: Command) => {
      // `orchestra run list` most likely means `orchestra runs list`. As a task it would cost money.
      if (task !== undefined && isCommandOfRuns(task, program)) {
        throw new UnknownCommandError(command, task);
      }
      const { runTask } = await import("./run-task.ts");
      await runTask(task, options, context);
    });
}

function isCommandOfRuns(task: string, program: Command): boolean {
  const runs = program.commands.find((each) => each.name() === "runs");
  return runs?.commands.some((each) => each.name() === task) === true;
}

const help = `
Without --docs, --mcp, --pipeline and --role it runs the only pipeline of the config, or calls the
default model. The answer is on standard output, progress on standard error. Runs are stored: see
orchestra runs --help.

Examples
  orchestra run "Name three uses of copper"
  orchestra run "When was the lighthouse built?" --docs ./documents --budget-usd 0.05
  orchestra run - --role executor < task.txt
  orchestra run "Which notes are about copper?" --mcp mcp.json
  orchestra run "Write the report" --pipeline report --approve
  orchestra run --pipeline invoice --input '{"customer":7,"month":"2026-11"}'

Exit codes
  0         succeeded
  1         failed
  2         wrong usage, config or settings
  3         rejected by the validator or a person
  4         waits for a decision, or for the day's quota
  75        the database is not available
  129       stopped: the terminal was closed
  130, 143  stopped by Ctrl-C or SIGTERM; orchestra runs watch continues it`;
