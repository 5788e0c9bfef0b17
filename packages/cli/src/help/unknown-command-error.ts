import type { Command } from "commander";

/** The command line has a command that does not exist. */
export class UnknownCommandError extends Error {
  override readonly name = "UnknownCommandError";
  readonly code = "unknown_command";
  /** The command or the program in which it was looked for. */
  readonly command: Command;
  /** The unknown name, as the user typed it. */
  readonly typed: string;

  constructor(command: Command, typed: string) {
    super(`unknown command '${typed}'`);
    this.command = command;
    this.typed = typed;
  }
}
