import { registerSecretHeaders } from "../errors/index.ts";

/**
 * Headers in any form that the OpenAI client takes, with names in lower case. A header of `null` is
 * left out.
 */
export function readHeaders(headers: unknown): Record<string, string> | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const entries = isIterable(headers) ? [...headers] : Object.entries(headers);
  const read = Object.fromEntries(
    entries.flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name.toLowerCase(), String(value)]],
    ),
  );
  registerSecretHeaders(read, true);
  return read;
}

function isIterable(headers: object): headers is Iterable<readonly [string, unknown]> {
  return Symbol.iterator in headers;
}
