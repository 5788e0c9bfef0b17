import { commandName } from "./command-name.ts";
import type { Surroundings } from "./surroundings.ts";

/** Makes the command line of some words, such as `runs watch ID`, for a user to copy. */
export type CommandLine = (words: string) => string;

/** Options of this command that the next one needs too. */
export interface CommandLineOptions {
  readonly config?: string | undefined;
}

/** Command lines that call the command as this one was called, with its config. */
export function createCommandLine(
  { environment }: Pick<Surroundings, "environment">,
  { config }: CommandLineOptions,
): CommandLine {
  const command = commandName(environment);
  const options = config === undefined ? "" : ` --config ${quote(config)}`;
  return (words) => `${command} ${words}${options}`;
}

/** For a POSIX shell, and in double quotes for those of Windows. */
function quote(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (process.platform === "win32") return `"${text}"`;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
