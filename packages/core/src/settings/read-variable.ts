export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The text of a variable, without white space around it and without quotes around the whole of it:
 * `docker run --env-file` passes the quotes on.
 *
 * @returns `undefined` where the variable is not set, or empty
 */
export function readVariable(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim() ?? "";
  const quoted = /^(["'])(.*)\1$/s.exec(text)?.[2];
  return (quoted ?? text).trim() || undefined;
}
