import { explainThrown } from "../completions/schemas/index.ts";
import { quoted } from "../errors/bounded.ts";
import { ArgumentError } from "../errors/index.ts";
import type { Role } from "./role.ts";

/** The error for an input that does not match the schema of its role. */
export function unusableInput(
  role: string,
  problem: string,
  options?: ErrorOptions,
): ArgumentError {
  return new ArgumentError(`The agent ${quoted(role)} cannot use its input: ${problem}`, options);
}

/** The error for an input whose schema threw. */
export async function schemaThrew(role: Role, given: unknown, cause: unknown): Promise<unknown> {
  const tooDeep = nestedTooDeep(role.name, cause);
  if (tooDeep) return tooDeep;
  const { where, message, problems } = await explainThrown(cause, role.input, given);
  const problem =
    problems.length > 0 ? problems.join("\n") : `its schema threw${where}: ${message}`;
  return unusableInput(role.name, problem, { cause });
}

/** The error for an input that contains itself or is nested too deeply; `undefined` for another cause. */
export function nestedTooDeep(role: string, cause: unknown): ArgumentError | undefined {
  const isTooDeep =
    cause instanceof RangeError || (cause instanceof TypeError && /circular/i.test(cause.message));
  if (!isTooDeep) return undefined;
  const problem = "it contains itself, or is nested too deep: expected a value that JSON can hold";
  return unusableInput(role, problem, { cause });
}
