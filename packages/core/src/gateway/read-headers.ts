import { ArgumentError } from "../errors/argument-error.ts";
import { quoted } from "../errors/bounded.ts";
import { registerSecretHeaders } from "../errors/index.ts";
import { headerProblem } from "../settings/headers-schema.ts";

/**
 * Headers in any form that the OpenAI client accepts, with names in lower case. A header of `null` is
 * omitted.
 *
 * @param where - The source, for the error.
 * @throws {ArgumentError} for a header that cannot be sent; its value is not shown
 */
export function readHeaders(headers: unknown, where: string): Record<string, string> | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const entries = isIterable(headers) ? [...headers] : Object.entries(headers);
  const read = Object.fromEntries(
    entries.flatMap(([name, value]) => {
      if (value === null || value === undefined) return [];
      const problem = headerProblem(name, String(value));
      if (problem !== undefined) {
        throw new ArgumentError(
          `${where}: the header ${quoted(name)} ${problem}. Change it or leave it out.`,
        );
      }
      return [[name.toLowerCase(), String(value)]];
    }),
  );
  registerSecretHeaders(read, true);
  return read;
}

function isIterable(headers: object): headers is Iterable<readonly [string, unknown]> {
  return Symbol.iterator in headers;
}
