import type { Command } from "commander";
import { UnknownCommandError } from "./unknown-command-error.ts";

/**
 * Adds the command `help` to a command and to its groups of commands. Unlike commander's own, it takes a whole path
 * (`help runs list`), and fails for an unknown name.
 */
export function addHelpCommands(command: Command): void {
  const commands = [...command.commands];
  if (commands.length === 0) return;
  for (const each of commands) addHelpCommands(each);
  command
    .helpCommand(false)
    .on("command:*", ([typed = ""]: readonly string[]) => {
      throw new UnknownCommandError(command, typed);
    })
    .command("help")
    .argument("[command...]")
    .description("display help for command")
    .action((path: readonly string[]) => find(command, path).help());
}

function find(command: Command, path: readonly string[]): Command {
  return path.reduce((at, name) => {
    const found = at.commands.find((each) => each.name() === name);
    if (!found) throw new UnknownCommandError(at, name);
    return found;
  }, command);
}
