import { z } from "zod";
import { ArgumentError } from "../errors/argument-error.ts";
import { firstAndLast, quoted } from "../errors/bounded.ts";
import {
  explainIssue,
  innermost,
  namesOf,
  nearestName,
  shownName,
} from "../errors/explain-issue.ts";

/**
 * Checks the arguments of a caller: every public function calls it first.
 *
 * A field that is similar to a known one is misspelt, and an error. Another unknown one causes a
 * warning of the process, once: callers may pass objects with more fields than the options.
 *
 * @param where - The function, such as `new Orchestra()`.
 * @param name - The name of the argument in the documentation.
 * @throws {ArgumentError} with the problems
 */
export function checkInput(
  schema: z.ZodType,
  value: unknown,
  where: string,
  name = "options",
): void {
  if (typeof schema?.safeParse !== "function") {
    throw ArgumentError.of("checkInput(): schema", schema, "a zod schema");
  }
  const { problems, ignored } = judge(schema, value, name);
  // A field of another name may be the missing one: { systemPrompt } for { system }.
  const unknown = ignored.map((field) => `${field} is not known`);
  if (problems.length > 0)
    throw new ArgumentError(`${where}: ${listed([...problems, ...unknown])}`);
  for (const field of ignored) warnOnce(`${where}: ${field} is not known and has no effect`);
}

/** Schemas of fields that may be missing. */
type FieldSchemas = Readonly<Record<string, z.ZodType>>;

/**
 * The same for options that are all optional. In the ordinary case, only the schemas of the
 * options that are given are built.
 *
 * @throws {ArgumentError} with the problems
 */
export function checkOptions(fields: FieldSchemas, options: object, where: string): void {
  let areUsual = typeof options === "object" && options !== null && !Array.isArray(options);
  for (const name in options) {
    const given: unknown = options[name as never];
    const schema = Object.hasOwn(fields, name) ? fields[name] : undefined;
    areUsual &&= schema !== undefined && (given === undefined || schema.safeParse(given).success);
  }
  if (!areUsual) checkInput(z.strictObject(fields).partial(), options, where);
}

/** The problem of a value, and its position; `""` for a valid value. */
export function problemsOf(schema: z.ZodType, value: unknown, name: string): string {
  const { problems } = judge(schema, value, name);
  return listed(problems);
}

function listed(problems: readonly string[]): string {
  return firstAndLast(problems).join("; ");
}

interface Judgement {
  readonly problems: readonly string[];
  /** Fields that no schema knows. */
  readonly ignored: readonly string[];
}

function judge(schema: z.ZodType, value: unknown, name: string): Judgement {
  const problems = new Set<string>();
  const ignored: string[] = [];
  // Most schemas check one value in a process, so compiled code, as zod creates it, would be used once.
  const { error } = schema.safeParse(value, { error: explain, jitless: true });
  for (const { code, path, message, ...issue } of innermost(error?.issues ?? [])) {
    const where = `${name}${pathOf(path)}`;
    if (message !== unknownFields) problems.add(`${where} ${message}`);
    else if (code === "unrecognized_keys") {
      const { keys } = issue as { readonly keys: readonly string[] };
      const owner = path.reduce<unknown>((outer, part) => (outer as never)[part], value) as object;
      // An AbortController may be passed for its signal, and its class has a method too.
      const own = keys.filter((key) => Object.hasOwn(owner, key));
      ignored.push(...own.map((key) => `${shownName(key)} of ${where}`));
    }
  }
  return { problems: [...problems], ignored };
}

/** Represents fields that are unknown and not misspelt. */
const unknownFields = "unknown fields";

/** The misspelt ones among unknown fields. */
const explain: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== "unrecognized_keys") return explainIssue(issue);
  const names = namesOf(issue);
  const keys = issue.keys.filter((key) => nearestName(key, names) !== undefined);
  return keys.length > 0 ? explainIssue({ ...issue, keys }) : unknownFields;
};

const warned = new Set<string>();
const maxWarnings = 100;

/** Emits a warning of the process, once: for a probable mistake that may be intended. */
export function warnOnce(message: string): void {
  if (warned.has(message) || warned.size >= maxWarnings) return;
  warned.add(message);
  process.emitWarning(message, { code: "ORCHESTRA_UNKNOWN_OPTION" });
}

/** In JavaScript's notation: `.tools[0].name`. */
function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => {
      if (typeof part === "number") return `[${part}]`;
      const text = String(part);
      return /^[\w$]{1,80}$/.test(text) ? `.${text}` : `[${quoted(text)}]`;
    })
    .join("");
}
