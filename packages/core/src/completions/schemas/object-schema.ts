import { isInteropZodSchema, isZodSchemaV4 } from "@langchain/core/utils/types";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import { describeSchema } from "./describe-schema.ts";
import type { AnySchema } from "./json-schema-of.ts";
import { adapter } from "./schema-adapter.ts";

type Json = Readonly<Record<string, unknown>>;

/** Name of the definition of a schema that refers to itself. */
const rootName = "answerSchema";

/*
 * Providers refuse a schema of a list, a text, a number or a union. Such a value is requested as the field
 * `answer` of an object.
 *
 * Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */

/** The same schema if it is of an object; otherwise that of an object with the value in its `answer`. */
export function objectSchema(schema: z.ZodType): z.ZodType;
export function objectSchema(schema: AnySchema): AnySchema;
export function objectSchema(schema: AnySchema): AnySchema {
  const { jsonSchema, name = "answer", description } = describeSchema(schema);
  if (isOfObject(jsonSchema)) return schema;
  if (isInteropZodSchema(schema)) return zodObject(schema as z.ZodType, jsonSchema);
  return { name, description, parameters: jsonObject(jsonSchema) };
}

/** The value in the object of {@link objectSchema}, or the part of it that has arrived. */
export function inAnswer(object: unknown): unknown {
  return (object as { readonly answer?: unknown } | null)?.answer;
}

function isOfObject({ type, anyOf, oneOf }: Json): boolean {
  return type === "object" && anyOf === undefined && oneOf === undefined;
}

function zodObject(answer: z.ZodType, jsonSchema: Json): z.ZodType {
  if (isZodSchemaV4(answer) && !answer._zod.toJSONSchema) return z.object({ answer });
  // A schema of another library, or of zod 3, is converted separately: it cannot be a part of one of zod 4.
  const object = adapter(z.object({ answer: adapter(answer as StandardSchemaV1) }));
  object._zod.toJSONSchema = () => jsonObject(jsonSchema);
  return object;
}

function jsonObject(json: Json): Json {
  const { $defs, definitions, $schema: _, ...schema } = json;
  const kept = { ...($defs ? { $defs } : {}), ...(definitions ? { definitions } : {}) };
  const object = {
    type: "object",
    properties: { answer: schema },
    required: ["answer"],
    additionalProperties: false,
    ...kept,
  };
  if (!/"\$ref":"#(?!\/(\$defs|definitions)\/)/.test(JSON.stringify(object))) return object;
  // The schema refers to its root, which is now a definition.
  return moved({
    ...object,
    properties: { answer: { $ref: "#" } },
    $defs: { ...($defs as Json | undefined), [rootName]: schema },
  }) as Json;
}

function moved(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(moved);
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      name === "$ref" && typeof value === "string" ? movedReference(value) : moved(value),
    ]),
  );
}

function movedReference(reference: string): string {
  return reference.replace(/^#(?!\/(\$defs|definitions)\/)/, `#/$defs/${rootName}`);
}
