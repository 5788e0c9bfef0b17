import type { z } from "zod";
import { firstAndLast, shortened } from "./bounded.ts";
import { typos } from "./typos.ts";

/**
 * What is wrong with a value, in the words of this project: an error map for zod, for schemas without
 * messages of their own. Shows numbers and other short values, and of a text only that it is one.
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
      return expectedIs(
        issue.input,
        issue.inclusive ? `${issue.maximum} or less` : `less than ${issue.maximum}`,
      );
    case "unrecognized_keys":
      return `has unknown fields: ${firstAndLast(issue.keys.map((key) => withNearest(key, namesOf(issue)))).join(", ")}`;
    default:
      return undefined;
  }
};

/** Says what a value is and what it should be: an `error` of a schema. */
export function expected(what: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => expectedIs(input, what);
}

function expectedIs(input: unknown, what: string): string {
  return `is ${describeValue(input)}: expected ${what}`;
}

/** A word of a list is no secret; a long text may be one. */
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
};

function describeValue(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return value === "" ? "an empty text" : "a text";
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
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

const maxName = 80;

function withNearest(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  const shownName = shortened(name, maxName);
  return nearest === undefined ? shownName : `${shownName} (did you mean ${nearest}?)`;
}

/** The name that a misspelt one most likely means; `undefined` where none is near. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const distance = (other: string) => typos(plain(name), plain(other));
  const [nearest] = names.toSorted((a, b) => distance(a) - distance(b));
  const isNear = nearest !== undefined && distance(nearest) <= Math.max(1, nearest.length * 0.3);
  return isNear ? nearest : undefined;
}

/** `max_tokens` and `maxTokens` are the same name. */
function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}
