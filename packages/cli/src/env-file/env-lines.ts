import { parseEnv } from "node:util";

export interface EnvLines {
  readonly variables: Readonly<Record<string, string>>;
  /** Lines that are not valid, and set nothing. */
  readonly unread: readonly UnreadLine[];
}

export interface UnreadLine {
  /** Number of the line; the first is 1. */
  readonly number: number;
  /** What is wrong with the line, and what is expected. It contains no text of the line, which may be a secret. */
  readonly problem: string;
}

/**
 * Reads the lines of a `.env` file as Node.js does, and reports invalid lines. Node.js skips them, or all lines
 * after them, without an error.
 */
export function readEnvLines(text: string): EnvLines {
  const variables: Record<string, string> = {};
  const unread: UnreadLine[] = [];
  const lines = text.split(/\r\n?|\n/);
  for (let index = 0; index < lines.length; index += 1) {
    if (blank.test(lines[index] ?? "")) continue;
    const entry = entryAt(lines, index);
    const problem = problemOf(entry);
    if (problem === undefined) {
      Object.assign(variables, parseEnv(entry.join("\n")));
      index += entry.length - 1;
    } else unread.push({ number: index + 1, problem });
  }
  return { variables, unread };
}

const blank = /^\s*(?:#|$)/;
const name = /^\s*(?:export\s+)?[\p{L}\p{N}_.-]+\s*$/u;
/** A value that begins with a quotation mark: up to the closing one, and the rest of that line. */
const quoted = /^[^=]*=\s*(["'`])(?:[^]*?\1(.*))?/;

/** The lines of one variable: several if its value begins with a quotation mark that a later line closes. */
function entryAt(lines: readonly string[], index: number): readonly string[] {
  const line = lines[index] ?? "";
  const [, quote, after] = quoted.exec(line) ?? [];
  if (quote === undefined || after !== undefined) return [line];
  const last = lines.findIndex((each, at) => at > index && each.includes(quote));
  return last < 0 ? [line] : lines.slice(index, last + 1);
}

function problemOf(entry: readonly string[]): string | undefined {
  const [line = "", ...more] = entry;
  if (!line.includes("=")) return "it has no =: expected NAME=value";
  if (!name.test(line.slice(0, line.indexOf("=")))) {
    return "what is before its = is not a name: expected letters, digits, dots, - and _";
  }
  const [, quote, after] = quoted.exec(entry.join("\n")) ?? [];
  if (quote === undefined || (after !== undefined && blank.test(after))) return undefined;
  return after === undefined || more.length > 0
    ? "its quotation mark is not closed: close it, or put the value into marks of another kind"
    : "text follows its closing quotation mark: expected the end of the line, or a comment. Put a value with quotation marks in it into marks of another kind, without backslashes";
}
