import { within, type Clock } from "../../clock/index.ts";
import { ModelError } from "../../errors/index.ts";
import { messageOf } from "../../errors/message-of.ts";
import type { Check } from "./output-schema-options.ts";

/**
 * The result of a check in the program's own code.
 *
 * @throws {ModelError} of kind `unknown_error` if it throws or does not return a list of texts:
 * another answer or another model would not help
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
    "The check of the answer did not return a list of texts: expected the problems of the answer, or [] if there are none",
    { kind: "unknown_error", isFinal: true },
  );
}

/** The issues of a schema's error, one in each line; `undefined` for another error. */
export function problemsIn(error: unknown): readonly string[] | undefined {
  const { issues } = (error ?? {}) as {
    readonly issues?: readonly {
      readonly path?: readonly PropertyKey[];
      readonly message: string;
    }[];
  };
  if (!Array.isArray(issues)) return undefined;
  return issues.map(({ path = [], message }) =>
    path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`,
  );
}

/**
 * Whether an error says that a value is wrong, and not the code: `JSON.parse`, `BigInt`, `new URL` and dates
 * throw such errors.
 */
export function isOfValue(error: unknown): boolean {
  const isTooDeep = error instanceof RangeError && /call stack/i.test(error.message);
  if (error instanceof SyntaxError || error instanceof RangeError) return !isTooDeep;
  return (error as { readonly code?: unknown } | null | undefined)?.code === "ERR_INVALID_URL";
}

/** The error for code of the program's own that threw: a check, or a schema's `refine` or `transform`. */
export function failed(what: string, cause: unknown): ModelError {
  return new ModelError(
    `${what}: ${messageOf(cause)}`,
    { kind: "unknown_error", isFinal: true },
    { cause },
  );
}

/** The maximum time of a check of an answer, the same as for a tool. */
export interface CheckLimits {
  readonly clock: Clock;
  /** In milliseconds; `LLM_TOOL_TIMEOUT`. */
  readonly timeoutMs: number;
}

/**
 * The result of a check, or of a schema that has a check.
 *
 * @throws {ModelError} of kind `unknown_error` if it takes longer
 */
export async function inTime<T>(
  work: Promise<T>,
  { clock, timeoutMs }: CheckLimits,
): Promise<NonNullable<T>> {
  const result = await within(clock, timeoutMs, work);
  if (result === undefined || result === null) throw unended(timeoutMs);
  return result;
}

/** The error of a check that does not end: another answer would not help. */
export function unended(timeoutMs: number): ModelError {
  return new ModelError(
    `The check of the answer did not end within ${timeoutMs / 1000} s (LLM_TOOL_TIMEOUT): expected the problems of the answer, or [] if there are none`,
    { kind: "unknown_error", isFinal: true },
  );
}
