import { ArgumentError } from "../errors/argument-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The text of a variable, without white space around it and without quotes around the whole of it:
 * `docker run --env-file` passes the quotes on.
 *
 * @throws {ArgumentError} for a value that is not a string
 * @returns `undefined` if the variable is not set, or empty
 */
export function readVariable(environment: Environment, name: string): string | undefined {
  if (typeof environment !== "object" || environment === null) {
    throw ArgumentError.of("readVariable(): environment", environment, "an object");
  }
  const value: unknown = environment[name];
  if (value !== undefined && typeof value !== "string") {
    throw new ArgumentError(
      `${name} of the environment is not a text: expected a string, as in process.env. Give other values as settings in code.`,
    );
  }
  const text = value?.trim() ?? "";
  const quoted = /^(["'])(.*)\1$/s.exec(text)?.[2];
  return (quoted ?? text).trim() || undefined;
}
