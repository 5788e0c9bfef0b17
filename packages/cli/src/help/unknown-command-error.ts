import type { Command } from "commander";

/** A command line names a command that does not exist. */
export class UnknownCommandError extends Error {
  override readonly name = "UnknownCommandError";
  readonly code = "unknown_command";
  /** The one whose commands were looked through. */
  readonly command: Command;
  /** As it was typed. */
  readonly typed: string;

  constructor(command: Command, typed: string) {
    super(`unknown command '${typed}'`);
    this.command = command;
    this.typed = typed;
  }
}
