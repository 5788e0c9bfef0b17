import { CommanderError } from "commander";
import { exitCodeOf } from "./errors/exit-codes.ts";
import { FailedError } from "./errors/failed-error.ts";
import { UnknownCommandError } from "./help/unknown-command-error.ts";
import { createProgram } from "./program.ts";
import type { CommandContext } from "./command-context.ts";

/**
 * Runs the command with these arguments. Errors are printed on standard error, without secrets.
 *
 * @returns the exit code, see {@link exitCodeOf}
 */
export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const mistakes: string[] = [];
  const program = createProgram(context, (text) => mistakes.push(text));
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    const exitCode = exitCodeOf(error);
    // A stack trace helps to find a bug. Exit code 2 means a mistake of the user, which is not a bug.
    const withStack = context.environment["LOG_LEVEL"] === "debug" && exitCode !== 2;
    if (error instanceof UnknownCommandError) {
      const { describeUnknownCommand } = await import("./help/describe-unknown-command.ts");
      await write(describeUnknownCommand(error), context);
    } else if (error instanceof CommanderError) {
      const [mistake = "", ...advice] = mistakes;
      await write([mistake, quotingAdvice(error), ...advice].join(""), context);
    }
    // A command that throws a FailedError has already printed why.
    else if (!(error instanceof FailedError)) {
      await write(await describe(error, withStack), context);
    }
    return exitCode;
  }
}

/** For a task or a folder with spaces that was not quoted: the shell passes it as several arguments. */
function quotingAdvice({ code, message }: CommanderError): string {
  const isSplit = code === "commander.excessArguments" && !message.includes("Expected 0");
  return isSplit ? "Put an argument that has spaces in quotation marks.\n" : "";
}

/** Imports its modules here, so that commands without an error do not load them. */
async function write(text: string, { stderr }: CommandContext): Promise<void> {
  if (text === "") return;
  const { escapeControls, secrets } = await import("@orchestra/core/extend");
  const { writeProse } = await import("./terminal/wrap.ts");
  // The text can be an error of the user's config, with control characters or secrets in it.
  writeProse(stderr, escapeControls(secrets.redactSecrets(text.trimEnd()), "\n"));
}

async function describe(error: unknown, withStack: boolean): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  if (withStack) return error.stack ?? error.message;
  const { OrchestraError, sentences } = await import("@orchestra/core/extend");
  // A SettingsError ends with an example for the user to copy.
  const isSentence = OrchestraError.isInstance(error) && error.code !== "settings_error";
  return isSentence ? sentences.withStop(error.message) : error.message;
}
