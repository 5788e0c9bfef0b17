import { UsageError } from "../errors/usage-error.ts";
import type { CommandContext } from "../command-context.ts";

/**
 * Returns the task without surrounding spaces; for `-`, the text of standard input.
 *
 * @throws {UsageError} if it is missing or empty
 */
export async function readTask(
  given: string | undefined,
  context: CommandContext,
): Promise<string> {
  const text = given === undefined ? "" : await readText(given, context);
  if (text.trim() !== "") return text.trim();
  const where = given === "-" ? "Standard input is empty" : "The task is empty";
  throw new UsageError(`${where}: expected a task, such as orchestra run "Who built the tower?".`);
}

/** Returns a text of the command line; for `-`, the text of standard input. */
export async function readText(given: string, { stdin }: CommandContext): Promise<string> {
  return given === "-" ? readAll(stdin ?? []) : given;
}

async function readAll(stdin: AsyncIterable<string | Uint8Array> | never[]): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
}
