import type { Command } from "commander";
import { list } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { Surroundings } from "../surroundings.ts";
import type { DoctorOptions } from "./run-doctor.ts";

export function addDoctorCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("doctor")
    .description("Checks the installation, the settings and the servers; says what to do.")
    .option("--only <ids>", "checks or groups of checks, such as settings,account/key", list)
    .option("--json", "print the whole report as JSON")
    .option("--report", "print Markdown for an issue, without secrets and values")
    .option("--lint", "for CI: ask no server, and fail on warnings too")
    .option("--fix", "repair what is harmless: .gitignore, and who can read .env")
    .addHelpText("after", helpText(help))
    .action(async (options: DoctorOptions) => {
      const { runDoctor } = await import("./run-doctor.ts");
      await runDoctor(options, surroundings);
    });
}

const help = `
It takes five seconds at most, whatever is down, and calls no model. Checks have stable ids;
docs/troubleshooting.md lists them, with what each can find and what to do.

Examples
  orchestra doctor                     check everything
  orchestra doctor --only models       check the model of each role
  orchestra doctor --lint              in CI, without a key and without a network
  orchestra doctor --json > report.json

Exit codes
  0  no errors
  1  an error was found; with --lint, a warning
  2  wrong usage`;
