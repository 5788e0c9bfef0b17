import type { z } from "zod";
import { firstAndLast, shortened } from "./bounded.ts";
import { typos } from "./typos.ts";

/**
 * The problem of a value, in the words of this project: an error map for zod, for schemas without
 * their own messages. Shows numbers and other short values; for a text only its type.
 */
export const explainIssue: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return expectedIs(issue.input, nouns[issue.expected] ?? `a ${issue.expected}`);
    case "invalid_value":
      return `is ${shown(issue.input)}: expected one of ${firstAndLast(issue.values.map(shown)).join(", ")}`;
    case "too_small":
      if (issue.origin !== "number" && issue.origin !== "int") return "is empty";
      return expectedIs(
        issue.input,
        issue.inclusive ? `${issue.minimum} or more` : `more than ${issue.minimum}`,
      );
    case "too_big":
      if (issue.origin === "string") return `is longer than ${issue.maximum} characters`;
      return expectedIs(
        issue.input,
        issue.inclusive ? `${issue.maximum} or less` : `less than ${issue.maximum}`,
      );
    case "unrecognized_keys":
      return unknownFields(issue.keys, (key) => nearestName(key, namesOf(issue)));
    default:
      return undefined;
  }
};

/**
 * The same issues. If a value matches an alternative of a union except for something inside it, the issues inside are
 * returned: an array with a wrong entry has the right type.
 */
export function innermost(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_union") return [issue];
    const [inside, ...others] = issue.errors.filter(isInside);
    if (!inside || others.length > 0) return [issue];
    return innermost(inside).map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
  });
}

function isInside(issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.every(({ path }) => path.length > 0);
}

/** Describes a value and what is expected: an `error` of a schema. */
export function expected(what: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => expectedIs(input, what);
}

function expectedIs(input: unknown, what: string): string {
  return `is ${describeValue(input)}: expected ${what}`;
}

/** A value in quotes, if it is one short word; otherwise its type, because a long text may be a secret. */
export function shown(value: unknown): string {
  const isWord = typeof value === "string" && /^[\w-]{1,32}$/.test(value);
  return isWord ? JSON.stringify(value) : describeValue(value);
}

const nouns: Readonly<Record<string, string>> = {
  array: "an array",
  int: "a whole number",
  number: "a finite number",
  object: "an object",
  record: "an object",
  string: "a text",
  boolean: "true or false",
  nonoptional: "a value",
};

function describeValue(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return value === "" ? "an empty text" : "a text";
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  if (value instanceof Promise) return "a promise, which needs an await";
  if (typeof value === "object" && value !== null) return "an object";
  const primitive = value as boolean | number | null;
  return String(primitive);
}

/** The fields that an object's schema knows. */
export function namesOf(issue: z.core.$ZodRawIssue): readonly string[] {
  const { def } =
    (issue.inst as { readonly _zod?: { readonly def: object } } | undefined)?._zod ?? {};
  const { shape } = (def ?? {}) as { readonly shape?: object };
  return Object.keys(shape ?? {});
}

/**
 * Describes unknown fields of an object.
 *
 * @param meantBy - Finds the name that an unknown one was probably meant to be.
 */
export function unknownFields(
  names: readonly string[],
  meantBy: (name: string) => string | undefined,
): string {
  const fields = names.map((name) => `${shownName(name)}${didYouMean(meantBy(name))}`);
  return `has unknown fields: ${firstAndLast(fields).join(", ")}`;
}

/** The question that follows an unknown name. */
export function didYouMean(nearest: string | undefined): string {
  return nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
}

const maxName = 80;
const maxOddName = 8;
/** Words, and a number at the end: keys and tokens have digits among their letters. */
const nameOfWords = /^[a-z_$][a-z_$-]*\d{0,2}$/i;

/** The name of a field that a caller chose. It may be a secret, so only the beginning of a long text is shown. */
export function shownName(name: string): string {
  const isOfWords = nameOfWords.test(name);
  return isOfWords ? shortened(name, maxName) : JSON.stringify(shortened(name, maxOddName));
}

/** The name that a misspelt one was probably meant to be; `undefined` if none is similar. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const given = plain(name);
  const near = names.flatMap((other) => {
    const maxDistance = Math.max(1, other.length * 0.3);
    // A name may have any length, and comparing long ones is slow.
    if (Math.abs(given.length - plain(other).length) > maxDistance) return [];
    const distance = typos(given, plain(other));
    return distance <= maxDistance ? [{ other, distance }] : [];
  });
  return near.toSorted((a, b) => a.distance - b.distance)[0]?.other;
}

/** `max_tokens` and `maxTokens` are the same name. */
function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}
