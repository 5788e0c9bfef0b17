import { commandName } from "./command-name.ts";
import type { CommandContext } from "./command-context.ts";

/** Returns the whole command line for some arguments, such as `runs watch ID`, for the user to copy. */
export type CommandLine = (words: string) => string;

/** Options of this command that the printed command lines repeat. */
export interface CommandLineOptions {
  readonly config?: string | undefined;
}

/** Makes command lines that start `orchestra` in the same way as this process, with the same `--config`. */
export function createCommandLine(
  { environment }: Pick<CommandContext, "environment">,
  { config }: CommandLineOptions,
): CommandLine {
  const command = commandName(environment);
  const options = config === undefined ? "" : ` --config ${quote(config)}`;
  return (words) => `${command} ${words}${options}`;
}

/** Quotes an argument for a POSIX shell; on Windows, with double quotes. */
export function quote(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (process.platform === "win32") return `"${text}"`;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
