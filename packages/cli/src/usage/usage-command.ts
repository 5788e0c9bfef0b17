import type { Command } from "commander";
import { choice, wholeNumber } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { Surroundings } from "../surroundings.ts";
import type { UsageOptions } from "./show-usage.ts";

export function addUsageCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("usage")
    .description("Shows what the runs and the key have used.")
    .option("--by <key>", "sum up runs by pipeline, day or status", choice(...keys), "pipeline")
    .option("--days <number>", "runs of so many days", wholeNumber(1, 36_500), 30)
    .option("--json", "print JSON")
    .option("--config <file>", "another config than orchestra.config.ts")
    .addHelpText("after", helpText(help))
    .action(async (options: UsageOptions) => {
      const { showUsage } = await import("./show-usage.ts");
      await showUsage(options, surroundings);
    });
}

const keys = ["pipeline", "day", "status"] as const;

const help = `
The usage of runs is summed up from the database. Deleted runs and calls outside of runs are not in it.
The usage of the key is what OpenRouter reports (GET /key).

Examples
  orchestra usage --by day --days 7
  orchestra usage --json

Exit codes
  0   done
  1   the database cannot be opened
  2   wrong usage, config or settings
  75  the database is away`;
