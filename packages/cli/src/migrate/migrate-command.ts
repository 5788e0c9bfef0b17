import type { Command } from "commander";
import { text } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { CommandContext } from "../command-context.ts";
import type { MigrateOptions } from "./migrate.ts";

export function addMigrateCommand(program: Command, context: CommandContext): void {
  program
    .command("migrate")
    .description("Creates or updates the tables of the database for this version.")
    .option(
      "--check",
      "change nothing: list the migrations and the tables of the queue and of the checkpoints, and fail if some are missing",
    )
    .option(
      "--config <file>",
      "config (default: orchestra.config.ts, .js or .mjs here)",
      text("a file"),
    )
    .option("--database-url <url>", "PostgreSQL (default: DATABASE_URL)", text("a URL"))
    .option("--json", "print JSON")
    .addHelpText("after", helpText(help))
    .action(async (options: MigrateOptions) => {
      const { runMigrate } = await import("./migrate.ts");
      await runMigrate(options, context);
    });
}

const help = `
Workers and commands migrate the database when they open it, unless ORCHESTRA_AUTO_MIGRATE is false.
After a migration that is not breaking, processes of an older version continue and can be restarted.
Before a breaking migration, stop them.

Other users of the machine can see a password in --database-url, but not one in DATABASE_URL.

Examples
  orchestra migrate
  orchestra migrate --check
  orchestra migrate --check --json

Exit codes
  0   done; with --check, nothing is missing
  1   failed; with --check, migrations or tables are missing
  2   wrong usage, config or settings
  75  the database is not available`;
