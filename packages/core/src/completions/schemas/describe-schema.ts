import { jsonSchemaOf, type AnySchema } from "./json-schema-of.ts";
import { isStrict, strictSchema } from "./strict-schema.ts";

type Json = Readonly<Record<string, unknown>>;

export interface SchemaDescription {
  readonly jsonSchema: Json;
  /** The schema in the form that providers accept as `strict`; `undefined` if it has no such form. */
  readonly strictSchema: Json | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/** A role uses the same schema in every call, and converting it to JSON is the expensive part. */
const descriptions = new WeakMap<object, SchemaDescription>();

/**
 * A schema as JSON schema.
 *
 * @throws {ArgumentError} for a part that JSON Schema does not have, with its position in the schema
 */
export function describeSchema(schema: AnySchema): SchemaDescription {
  const known = descriptions.get(schema);
  if (known) return known;
  const { name, description, parameters } = schema as Json;
  const isFunction = typeof name === "string" && typeof parameters === "object" && parameters;
  const jsonSchema = isFunction ? (parameters as Json) : jsonSchemaOf(schema);
  const described: SchemaDescription = {
    jsonSchema,
    strictSchema: isStrict(jsonSchema) ? jsonSchema : strictSchema(jsonSchema),
    name: isFunction ? name : undefined,
    description: textOf(isFunction ? description : jsonSchema["description"]),
  };
  descriptions.set(schema, described);
  return described;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
