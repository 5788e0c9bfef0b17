import { InvalidArgumentError } from "commander";

/** Parses names that are separated by commas. Repeated options are joined. */
export function list(value: string, before: readonly string[] = []): readonly string[] {
  const names = value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("It takes names, separated by commas.");
  return [...before, ...names];
}

/** Parses a whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return (value: string): number => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It takes a whole number from ${min} to ${max}.`);
  };
}

/** Parses an amount of US dollars, 0 or more. */
export function dollars(value: string): number {
  if (/^(\d+(\.\d*)?|\.\d+)$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It takes a number of US dollars, such as 0.05.");
}

/** One day. */
const maxSeconds = 86_400;

/** Parses a number of seconds from 0 to one day, with decimals. */
export function seconds(value: string): number {
  const number = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && number <= maxSeconds) return number;
  throw new InvalidArgumentError(`It takes a number of seconds from 0 to ${maxSeconds}.`);
}

/** Parses `port` or `host:port`; an IPv6 address is in brackets. The default host is 127.0.0.1. */
export function hostAndPort(value: string): { readonly host: string; readonly port: number } {
  const [, ipv6, name = "127.0.0.1", digits] =
    /^(?:(?:\[([0-9a-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(value) ?? [];
  const port = Number(digits);
  if (port >= 1 && port <= 65_535) return { host: ipv6 ?? name, port };
  throw new InvalidArgumentError("It takes a port, such as 8080 or 0.0.0.0:8080.");
}

/**
 * Parses a text that is not empty, and trims it.
 *
 * @param what - What the option takes, for the error: `a file`.
 */
export function text(what: string) {
  return (value: string): string => {
    if (value.trim() !== "") return value.trim();
    throw new InvalidArgumentError(`It takes ${what}.`);
  };
}

/** Parses the id of a run, or its first characters. */
export function runId(value: string): string {
  const id = value.trim();
  if (/^[^\p{Cc}\p{Cs}]{1,256}$/u.test(id)) return id;
  throw new InvalidArgumentError("It takes the id of a run; orchestra runs list shows them.");
}

/** Parses a JSON value. */
export function json(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new InvalidArgumentError(
      `It takes JSON, such as '"a text"' or '{"task":"…"}'; quote it for the shell.`,
    );
  }
}

/** Parses `role=model`. Repeated options are merged. */
export function modelOfRole(
  value: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, role, model] = /^\s*([^=]*[^=\s])\s*=\s*(\S+)\s*$/.exec(value) ?? [];
  if (role === undefined || model === undefined) {
    throw new InvalidArgumentError("It takes a role and a model, such as executor=openai/gpt-4o.");
  }
  return { ...before, [role]: model };
}

/** Makes a parser that accepts one of these words. Its property `words` has them, for the completion. */
export function choice<const Word extends string>(...words: readonly Word[]) {
  const parse = (value: string): Word => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`It takes one of ${words.join(", ")}.`);
  };
  return Object.assign(parse, { words });
}
