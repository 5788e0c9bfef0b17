import { messageOf } from "../../errors/message-of.ts";
import { failed, isOfValue, problemsIn } from "./own-check.ts";

/** An error of the program's own schema that is not a problem of the value. */
export interface SchemaFailure {
  /** The field whose part of the schema threw, such as ` at "items.0.id"`; `""` if it is unknown. */
  readonly where: string;
  /** The thrown value, in words. */
  readonly message: string;
  /** The problem of the value, if it is the reason for the error, as with `JSON.parse` in a transform. */
  readonly problems: readonly string[];
}

/** Explains the error that a schema threw for a value. */
export async function explainThrown(
  thrown: unknown,
  schema: unknown,
  value: unknown,
): Promise<SchemaFailure> {
  const message = messageOf(thrown);
  const path = (await throwingPath(schema, value)).join(".");
  const own = problemsIn(thrown);
  const problems =
    own ?? (isOfValue(thrown) ? [path === "" ? message : `${path}: ${message}`] : []);
  return { where: path === "" ? "" : ` at "${path}"`, message, problems };
}

/**
 * The problem of an answer for which its schema threw.
 *
 * @throws {ModelError} of kind `unknown_error` if the error is not about the value
 */
export async function judgeThrown(
  thrown: unknown,
  schema: unknown,
  json: unknown,
): Promise<readonly string[]> {
  const { where, problems } = await explainThrown(thrown, schema, json);
  if (problems.length > 0) return problems;
  throw failed(`The schema of the answer threw${where}`, thrown);
}

const maxDepth = 20;
const maxItems = 100;

/** The path of the innermost part that throws by itself: its code is run again. */
async function throwingPath(
  schema: unknown,
  value: unknown,
  path: readonly string[] = [],
): Promise<readonly string[]> {
  if (path.length >= maxDepth) return path;
  for (const { key, part } of partsOf(schema, value)) {
    const field = (value as Readonly<Record<string, unknown>>)[key];
    if (await throwsFor(part, field)) return throwingPath(part, field, [...path, key]);
  }
  return path;
}

async function throwsFor(schema: unknown, value: unknown): Promise<boolean> {
  const { safeParseAsync } = schema as { safeParseAsync?: (value: unknown) => Promise<unknown> };
  const { "~standard": standard } = schema as {
    "~standard"?: { validate(value: unknown): unknown };
  };
  try {
    if (safeParseAsync) await safeParseAsync.call(schema, value);
    else await standard?.validate(value);
    return false;
  } catch {
    return true;
  }
}

interface Part {
  readonly key: string;
  readonly part: unknown;
}

type Definition = Readonly<Record<string, unknown>>;

/** The schemas of a value's fields or items, if it is a zod schema with them. */
function partsOf(schema: unknown, value: unknown): readonly Part[] {
  if (typeof value !== "object" || value === null) return [];
  // In zod 3, the schema of the items is the `type`, which is a text in zod 4.
  const { shape, type, element = type } = unwrapped(schema);
  if (Array.isArray(value)) {
    if (typeof element !== "object" || element === null) return [];
    return value.slice(0, maxItems).map((_, at) => ({ key: String(at), part: element }));
  }
  const fields: unknown = typeof shape === "function" ? (shape as () => unknown)() : shape;
  return Object.entries(fields ?? {}).map(([key, part]) => ({ key, part: part as unknown }));
}

/** The description of a schema, without wrappers: `optional`, `refine`, `transform` and others. */
function unwrapped(schema: unknown): Definition {
  let definition = definitionOf(schema);
  for (let depth = 0; depth < maxDepth; depth += 1) {
    // The last one is from zod 3.
    const inner = definition["innerType"] ?? definition["in"] ?? definition["schema"];
    if (typeof inner !== "object" || inner === null) break;
    definition = definitionOf(inner);
  }
  return definition;
}

function definitionOf(schema: unknown): Definition {
  const { _zod: zod, _def: zod3 } = schema as {
    readonly _zod?: { readonly def: Definition };
    readonly _def?: Definition;
  };
  return zod?.def ?? zod3 ?? {};
}
