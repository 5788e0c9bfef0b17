import { Option, type Command } from "commander";
import { list, text } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { CommandContext } from "../command-context.ts";
import { UsageError } from "../errors/usage-error.ts";
import type { DoctorOptions } from "./run-doctor.ts";

interface CommandOptions extends DoctorOptions {
  readonly live?: boolean | undefined;
  readonly liveModel?: string | undefined;
}

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command("doctor")
    .description("Checks the installation, settings and servers; prints what to do.")
    .option("--only <ids>", "checks or groups of checks, such as settings,account/key", list)
    .option("--all", "list skipped checks too, as --only and --json do")
    .option("--json", "print the whole report as JSON")
    .addOption(
      new Option("--report", "print Markdown for an issue, without secrets and values").conflicts(
        "json",
      ),
    )
    .option("--lint", "for CI: send no requests, and fail on warnings too")
    .option("--fix", "fix what is safe to fix: .gitignore, and the permissions of .env")
    .addOption(
      new Option(
        "--live",
        "send about fifteen real requests, and compare the answers with the sandbox",
      ).conflicts(["only", "all", "report", "lint", "fix"]),
    )
    .option(
      "--live-model <id>",
      "model that answers them (default: openai/gpt-4o-mini)",
      text("an id"),
    )
    .addHelpText("after", helpText(help))
    .action(async ({ live, liveModel, ...options }: CommandOptions) => {
      if (liveModel !== undefined && !live) {
        throw new UsageError("--live-model needs --live: only that calls a model.");
      }
      if (live) {
        const { runLive } = await import("../live/run-live.ts");
        await runLive({ model: liveModel, json: options.json }, context);
        return;
      }
      const { runDoctor } = await import("./run-doctor.ts");
      await runDoctor(options, context);
    });
}

const help = `
The doctor takes five seconds at most, even if servers are down, and calls no model. Checks have stable ids:
--json prints each check with its findings and what to do.

--live is another mode. It sends real requests to a cheap model, which cost less than $0.05 together, and
prints where the answers differ in form from those of the sandbox.

Examples
  orchestra doctor                     check everything
  orchestra doctor --only models       check the model of each role
  orchestra doctor --lint              in CI, without a key and without a network
  orchestra doctor --json > report.json
  orchestra doctor --live              compare the real server with the sandbox

Exit codes
  0  no errors
  1  an error was found; with --lint, a warning; with --live, a request failed
  2  wrong usage`;
