import { toJsonSchema } from "@langchain/core/utils/json_schema";
import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import { isZodSchemaV4, type InteropZodType } from "@langchain/core/utils/types";
import { z } from "zod";
import { firstAndLast } from "../../errors/bounded.ts";
import { ArgumentError } from "../../errors/argument-error.ts";
import { messageOf } from "../../errors/message-of.ts";

type Json = Readonly<Record<string, unknown>>;

/** A zod schema, another standard schema, a JSON schema, or a function's definition. */
export type AnySchema = InteropZodType | SerializableSchema | Json;

/**
 * A schema as JSON schema, for values before transforms. A schema that contains itself
 * refers to its definition by `$ref`.
 *
 * @throws {ArgumentError} for a part that JSON Schema does not have, such as a date, with its position in the schema
 */
export function jsonSchemaOf(schema: AnySchema): Json {
  const json = convert(schema);
  // zod converts a file to a text type, which its own check then refuses.
  if (isZod(schema) && JSON.stringify(json).includes(fileMark)) {
    throw new ArgumentError(describe(schema, "it has a file, which JSON Schema lacks"));
  }
  return json;
}

const fileMark = '"contentEncoding":"binary"';

function convert(schema: AnySchema): Json {
  try {
    return toJsonSchema(schema);
  } catch (cause) {
    if (isZod(schema)) return schemaByZod(schema);
    throw new ArgumentError(describe(schema, cause), { cause });
  }
}

/**
 * Whether LangChain itself cannot convert the schema: it recurses endlessly into one that contains itself, and
 * finds transforms only in objects and lists.
 */
export function isUnknownToLangChain(schema: unknown): boolean {
  if (!isZod(schema)) return false;
  try {
    toJsonSchema(schema);
    return false;
  } catch {
    return true;
  }
}

function isZod(schema: unknown): schema is z.core.$ZodType {
  return isZodSchemaV4(schema);
}

function schemaByZod(schema: z.core.$ZodType): Json {
  try {
    return z.toJSONSchema(schema, {
      io: "input",
      override: ({ zodSchema, jsonSchema }) => {
        const { type, catchall } = zodSchema._zod.def as Json & { readonly type: string };
        if (type === "object" && catchall === undefined) jsonSchema.additionalProperties = false;
      },
    }) as Json;
  } catch (cause) {
    throw new ArgumentError(describe(schema, cause), { cause });
  }
}

/** The zod types that JSON does not have, and their replacements. */
const lacking: Readonly<Record<string, readonly [what: string, advice: string]>> = {
  bigint: ["a bigint", "z.int() or z.string()"],
  custom: ["a custom check", "a schema of its fields, such as z.object()"],
  date: ["a date", "z.iso.datetime()"],
  file: ["a file", "z.string() for its path or URL"],
  function: ["a function", "z.string()"],
  literal: ["a literal that JSON does not have", "a text, a number, true, false or null"],
  map: ["a map", "z.record() or an array of pairs"],
  nan: ["NaN", "z.number()"],
  pipe: ["a transform of anything", "a schema of the value, with .transform() after it"],
  set: ["a set", "z.array()"],
  symbol: ["a symbol", "z.string()"],
  undefined: ["undefined", "z.null() or .optional()"],
  void: ["void", "z.null() or .optional()"],
};

function describe(schema: AnySchema, cause: unknown): string {
  const found = isZod(schema) ? unknownToJson(schema) : [];
  if (found.length > 0) return firstAndLast(found).join("; ");
  return messageOf(cause);
}

/** The parts of a schema that JSON Schema does not have, with their positions. */
function unknownToJson(schema: z.core.$ZodType): string[] {
  const found = new Set<string>();
  z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, path }) => {
      const def = zodSchema._zod.def as Definition;
      const [what, advice] = lacking[def.type] ?? [];
      if (what === undefined || isInJson(def)) return;
      found.add(`${placeOf(path)} is ${what}, which JSON Schema does not have: use ${advice}`);
    },
  });
  return [...found];
}

/** The parts of zod's definitions that determine what JSON can represent. */
interface Definition {
  readonly type: string;
  readonly values?: readonly unknown[];
  readonly in?: z.core.$ZodType;
}

/** Whether a literal, or the input of a pipe, can be represented in JSON. */
function isInJson({ type, values = [], in: input }: Definition): boolean {
  if (type === "pipe") return input?._zod.def.type !== "transform";
  return (
    type === "literal" && values.every((value) => typeof value !== "bigint" && value !== undefined)
  );
}

/** A path in a JSON schema as the field that it describes: `claims[].foundAt`. */
export function placeOf(path: readonly (string | number)[]): string {
  let place = "";
  for (let index = 0; index < path.length; index += 1) {
    const part = path[index];
    if (part === "properties") {
      index += 1;
      place += place === "" ? String(path[index]) : `.${String(path[index])}`;
    } else if (part === "items" || part === "prefixItems" || part === "additionalProperties") {
      place += "[]";
    }
  }
  return place === "" ? "The schema" : `"${place}"`;
}
