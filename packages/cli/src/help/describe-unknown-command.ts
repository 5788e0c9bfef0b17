import type { Command } from "commander";
import { issues } from "@orchestra/core/extend";
import type { UnknownCommandError } from "./unknown-command-error.ts";

/** A command that does not exist, the one that it most likely means, and where all are listed. */
export function describeUnknownCommand({ command, typed, message }: UnknownCommandError): string {
  const root = rootOf(command);
  // Of equally near ones, the first: those at this place come before those elsewhere.
  const candidates = [...commandsIn(command), ...commandsIn(root)];
  const name = issues.nearestName(
    typed,
    candidates.map((candidate) => candidate.name()),
  );
  const nearest = candidates.find((candidate) => candidate.name() === name);
  const hint = nearest ? ` Did you mean ${pathOf(nearest)}?` : "";
  return `error: ${message}.${hint}\nTry ${pathOf(command)} --help.`;
}

/** The commands in one, at every depth, but the hidden ones. */
function commandsIn(command: Command): Command[] {
  const visible = command.createHelp().visibleCommands(command);
  return [...visible, ...visible.flatMap(commandsIn)];
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}

/** As it is typed: `orchestra runs list`. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
