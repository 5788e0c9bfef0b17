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
 * Checks what a caller gives in code: every public function calls it before it does anything.
 *
 * A field that is nearly one of the known ones is misspelt, and an error. Another unknown one is a
 * warning of the process, once: callers may pass objects that hold more than the options.
 *
 * @param where - The function, such as `new Orchestra()`.
 * @param name - The argument, as it is called in the documentation.
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
  // A field of another name may be what is missing: { systemPrompt } for { system }.
  const unknown = ignored.map((field) => `${field} is not known`);
  if (problems.length > 0)
    throw new ArgumentError(`${where}: ${listed([...problems, ...unknown])}`);
  for (const field of ignored) warnOnce(`${where}: ${field} is not known and has no effect`);
}

/** Schemas of fields that may be missing. */
type FieldSchemas = Readonly<Record<string, z.ZodType>>;

/** Whether a value is an object whose fields fit, as far as it has them; it may have others. */
export function fits(fields: FieldSchemas, value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  for (const name in fields) {
    const given = (value as Record<string, unknown>)[name];
    if (given !== undefined && !fields[name]?.safeParse(given).success) return false;
  }
  return true;
}

/**
 * Does the same for options that may all be missing. In the ordinary case, only the schemas of the
 * options that are given are built.
 *
 * @throws {ArgumentError} with the problems
 */
export function checkOptions(fields: FieldSchemas, options: object, where: string): void {
  if (fits(fields, options) && Object.keys(options).every((name) => Object.hasOwn(fields, name)))
    return;
  checkInput(z.strictObject(fields).partial(), options, where);
}

/** What is wrong with a value, and where in it; `""` for one that fits the schema. */
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
  // Most schemas check one value in a process: code for it, as zod makes it, would be used once.
  const { error } = schema.safeParse(value, { error: explain, jitless: true });
  for (const { code, path, message, ...issue } of innermost(error?.issues ?? [])) {
    const where = `${name}${pathOf(path)}`;
    if (message !== unknownFields) problems.add(`${where} ${message}`);
    else if (code === "unrecognized_keys") {
      const { keys } = issue as { readonly keys: readonly string[] };
      const owner = path.reduce<unknown>((outer, part) => (outer as never)[part], value) as object;
      // An AbortController is passed for its signal, and its class has a method too.
      const own = keys.filter((key) => Object.hasOwn(owner, key));
      ignored.push(...own.map((key) => `${shownName(key)} of ${where}`));
    }
  }
  return { problems: [...problems], ignored };
}

/** Stands for fields that are not known, and not misspelt. */
const unknownFields = "unknown fields";

/** Of unknown fields, the misspelt ones. */
const explain: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== "unrecognized_keys") return explainIssue(issue);
  const names = namesOf(issue);
  const keys = issue.keys.filter((key) => nearestName(key, names) !== undefined);
  return keys.length > 0 ? explainIssue({ ...issue, keys }) : unknownFields;
};

const warned = new Set<string>();
const maxWarnings = 100;

/** A warning of the process, once: for what is most likely a mistake, and may be meant. */
export function warnOnce(message: string): void {
  if (warned.has(message) || warned.size >= maxWarnings) return;
  warned.add(message);
  process.emitWarning(message, { code: "ORCHESTRA_UNKNOWN_OPTION" });
}

/** As JavaScript writes it: `.tools[0].name`. */
function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => {
      if (typeof part === "number") return `[${part}]`;
      const text = String(part);
      return /^[\w$]{1,80}$/.test(text) ? `.${text}` : `[${quoted(text)}]`;
    })
    .join("");
}
