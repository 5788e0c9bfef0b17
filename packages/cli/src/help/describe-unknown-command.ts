import type { Command } from "commander";
import { issues } from "@orchestra/core/extend";
import type { UnknownCommandError } from "./unknown-command-error.ts";

/** The error text for an unknown command: its name, the most similar command, and the `--help` to try. */
export function describeUnknownCommand({ command, typed, message }: UnknownCommandError): string {
  const root = rootOf(command);
  // Of equally similar names, the first is taken, so the commands of this group come first.
  const candidates = [...commandsIn(command), ...commandsIn(root)];
  const name = issues.nearestName(
    typed,
    candidates.map((candidate) => candidate.name()),
  );
  const nearest = candidates.find((candidate) => candidate.name() === name);
  const hint = nearest ? ` Did you mean ${pathOf(nearest)}?` : "";
  return `error: ${message}.${hint}\nTry ${pathOf(command)} --help.`;
}

/** The visible commands below a command, at every depth. */
function commandsIn(command: Command): Command[] {
  const visible = command.createHelp().visibleCommands(command);
  return [...visible, ...visible.flatMap(commandsIn)];
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}

/** The command as the user types it: `orchestra runs list`. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
