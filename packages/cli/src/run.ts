import { CommanderError } from "commander";
import { exitCodeOf } from "./errors/exit-codes.ts";
import { FailedError } from "./errors/failed-error.ts";
import { UnknownCommandError } from "./help/unknown-command-error.ts";
import { createProgram } from "./program.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Runs the command.
 *
 * @returns the exit code: 0 done, 1 failed, 2 for an error that the user has to fix first
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const mistakes: string[] = [];
  const program = createProgram(surroundings, (text) => mistakes.push(text));
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    const exitCode = exitCodeOf(error);
    // A stack helps to find a bug; a mistake of the user is not one.
    const withStack = surroundings.environment["LOG_LEVEL"] === "debug" && exitCode !== 2;
    if (error instanceof UnknownCommandError) {
      const { describeUnknownCommand } = await import("./help/describe-unknown-command.ts");
      await write(describeUnknownCommand(error), surroundings);
    } else if (error instanceof CommanderError) {
      const [mistake = "", ...advice] = mistakes;
      await write([mistake, quotingAdvice(error), ...advice].join(""), surroundings);
    }
    // What a command that failed has to say is printed already.
    else if (!(error instanceof FailedError)) {
      await write(describe(error, withStack), surroundings);
    }
    return exitCode;
  }
}

/** A task, or a folder, whose words came as several arguments. */
function quotingAdvice({ code, message }: CommanderError): string {
  const isSplit = code === "commander.excessArguments" && !message.includes("Expected 0");
  return isSplit ? "Put an argument that has spaces in quotation marks.\n" : "";
}

/** Help need not wait for what only mistakes need. */
async function write(text: string, { stderr }: Surroundings): Promise<void> {
  if (text === "") return;
  const { escapeControls, secrets } = await import("@orchestra/core/extend");
  const { writeProse } = await import("./terminal/wrap.ts");
  // A config, and what it uses, may throw anything.
  writeProse(stderr, escapeControls(secrets.redactSecrets(text.trimEnd()), "\n"));
}

/** A message is enough to correct a mistake. The stack is for bugs. */
function describe(error: unknown, withStack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return withStack ? (error.stack ?? error.message) : error.message;
}
