import { ModelError } from "../errors/index.ts";
import type { Check } from "./output-schema-options.ts";

/**
 * What a check of the program's own says of an answer.
 *
 * @throws {ModelError} of kind `unknown_error` for one that throws, or that returns no list of texts:
 * another answer, or another model, would not help
 */
export async function judgeBy(check: Check, value: unknown): Promise<readonly string[]> {
  let problems: unknown;
  try {
    problems = await check(value);
  } catch (cause) {
    throw failed("The check of the answer threw", cause);
  }
  if (problems === undefined) return [];
  if (Array.isArray(problems) && problems.every((problem) => typeof problem === "string")) {
    return problems;
  }
  throw new ModelError(
    "The check of the answer returned no list of texts: expected what is wrong with the answer, and [] where nothing is",
    { kind: "unknown_error", isFinal: true },
  );
}

/** The error of code of the program's own that threw: a check, or a schema's `refine` or `transform`. */
export function failed(what: string, cause: unknown): ModelError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ModelError(`${what}: ${message}`, { kind: "unknown_error", isFinal: true }, { cause });
}
