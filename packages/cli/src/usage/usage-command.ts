import type { Command } from "commander";
import { choice, text, wholeNumber } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { CommandContext } from "../command-context.ts";
import type { UsageOptions } from "./show-usage.ts";

export function addUsageCommand(program: Command, context: CommandContext): void {
  program
    .command("usage")
    .description("Shows the usage of runs, of calls and of the key.")
    .option(
      "--by <what>",
      "runs by pipeline or status; calls by day, role, model, key or user",
      choice(...sums),
      "pipeline",
    )
    .option("--days <number>", "runs and calls of the last days", wholeNumber(1, 36_500), 30)
    .option("--json", "print JSON")
    .option("--config <file>", "another config than orchestra.config.ts", text("a file"))
    .addHelpText("after", helpText(help))
    .action(async (options: UsageOptions) => {
      const { showUsage } = await import("./show-usage.ts");
      await showUsage(options, context);
    });
}

const sums = ["pipeline", "status", "day", "role", "model", "key", "user"] as const;

const help = `
By pipeline or status it sums up the runs in the database, without deleted runs. By day, role, model, key
(of orchestra keys) or user it sums up all calls that servers, workers and commands on the database have made,
including those of runs. The usage of the OpenRouter key is that of OpenRouter's GET /key.

Examples
  orchestra usage --by day --days 7
  orchestra usage --by user
  orchestra usage --json

Exit codes
  0   done
  1   the database cannot be opened
  2   wrong usage, config or settings
  75  the database is not available`;
