import { quoted } from "../../errors/bounded.ts";
import { ArgumentError } from "../../errors/argument-error.ts";

const maxName = 64;
const pattern = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * Checks the name of a tool: providers refuse a request with an invalid name.
 *
 * @throws {ArgumentError} for a name that is empty, too long, or has other characters
 */
export function checkToolName(name: string, where: string): void {
  if (pattern.test(name)) return;
  const usable = name.replaceAll(/[^\w-]+/g, "_").slice(0, maxName) || "my_tool";
  throw new ArgumentError(
    `The model cannot use its input: ${quoted(name)} is not a name for a tool (${where}): expected 1 to ${maxName} letters, digits, _ and -, as ${pattern.source}. Rename it, for example to "${usable}"`,
  );
}
