import { Command, InvalidArgumentError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addCompletionCommand } from "./completion/completion-command.ts";
import { addDoctorCommand } from "./doctor/index.ts";
import { addInitCommand } from "./init/init-command.ts";
import { addKeysCommand } from "./keys/keys-command.ts";
import { addMigrateCommand } from "./migrate/migrate-command.ts";
import { addModelsCommand } from "./models/models-command.ts";
import { addRunCommand } from "./runs/run-command.ts";
import { addRunsCommand } from "./runs/runs-command.ts";
import { addHelpCommands } from "./help/help-command.ts";
import { columnsOf } from "./terminal/columns.ts";
import { helpText } from "./terminal/help.ts";
import type { CommandContext } from "./command-context.ts";
import { addServeCommand } from "./serve/serve-command.ts";
import { addUsageCommand } from "./usage/usage-command.ts";
import { addWorkerCommand } from "./worker/index.ts";

/**
 * Creates the program with all commands. It throws a `CommanderError` where commander would end the process.
 *
 * @param reportMistake - Gets commander's texts about an invalid command line. They quote parts of it.
 */
export function createProgram(
  context: CommandContext,
  reportMistake: (text: string) => void,
): Command {
  const create = () => createCommands(context, reportMistake);
  const program = create();
  refuseOptionsAsValues(program);
  addCompletionCommand(program, create, context);
  addHelpCommands(program);
  return program;
}

/** Commander takes any word as a value, also `--port` in `--config --port 80`. */
function refuseOptionsAsValues({ options, commands }: Command): void {
  const names = options.map(({ long }) => long);
  for (const option of options.filter(({ required }) => required)) {
    const parse = option.parseArg;
    option.argParser((value, before) => {
      if (!names.includes(value.split("=")[0])) return parse ? parse(value, before) : value;
      throw new InvalidArgumentError("Its value is missing.");
    });
  }
  commands.forEach(refuseOptionsAsValues);
}

/** Defines the commands. Each one imports its code when it is used, so that help is printed quickly. */
function createCommands(context: CommandContext, writeErr: (text: string) => void): Command {
  const { stdout, stderr } = context;
  const program = new Command("orchestra")
    .description("Runs tasks and multi-agent pipelines durably, and checks the configuration.")
    .version(packageJson.version)
    .exitOverride()
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr,
      getOutHelpWidth: () => columnsOf(stdout),
      getErrHelpWidth: () => columnsOf(stderr),
    })
    .showHelpAfterError("Try --help.")
    .addHelpText("after", helpText(help));
  addInitCommand(program, context);
  addRunCommand(program, context);
  addRunsCommand(program, context);
  addWorkerCommand(program, context);
  addServeCommand(program, context);
  addKeysCommand(program, context);
  addMigrateCommand(program, context);
  addModelsCommand(program, context);
  addUsageCommand(program, context);
  addDoctorCommand(program, context);
  return program;
}

const help = `
Settings are variables in the environment or in a .env file in the working folder. NO_COLOR turns
colors off; LOG_LEVEL=debug prints the stack trace of an error.

Examples
  orchestra init my-project
  orchestra run "When was the lighthouse built?" --docs ./documents
  orchestra doctor`;
