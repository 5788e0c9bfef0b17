import { UsageError } from "../usage-error.ts";
import type { Surroundings } from "../surroundings.ts";

/**
 * The task as the user gave it; `-` is what standard input has.
 *
 * @throws {UsageError} where there is none
 */
export async function readTask(given: string, { stdin }: Surroundings): Promise<string> {
  const text = given === "-" ? await readAll(stdin ?? []) : given;
  if (text.trim() !== "") return text.trim();
  const where = given === "-" ? "Standard input is empty" : "The task is empty";
  throw new UsageError(`${where}: expected a task, such as orchestra run "Who built the tower?"`);
}

async function readAll(stdin: AsyncIterable<string | Uint8Array> | never[]): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
}
