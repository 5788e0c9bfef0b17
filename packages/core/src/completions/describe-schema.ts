import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import type { InteropZodType } from "@langchain/core/utils/types";
import { isStrict } from "./strict-schema.ts";

type Json = Readonly<Record<string, unknown>>;

/** A zod schema, another standard schema, a JSON schema, or a function's definition. */
export type AnySchema = InteropZodType | SerializableSchema | Json;

export interface SchemaDescription {
  readonly jsonSchema: Json;
  readonly isStrict: boolean;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/** A role asks for the same schema in every call; converting it to JSON costs the most of it. */
const descriptions = new WeakMap<object, SchemaDescription>();

/** A schema as JSON schema. */
export function describeSchema(schema: AnySchema): SchemaDescription {
  const known = descriptions.get(schema);
  if (known) return known;
  const { name, description, parameters } = schema as Json;
  const isFunction = typeof name === "string" && typeof parameters === "object" && parameters;
  const jsonSchema = isFunction ? (parameters as Json) : (toJsonSchema(schema) as Json);
  const described: SchemaDescription = {
    jsonSchema,
    isStrict: isStrict(jsonSchema),
    name: isFunction ? name : undefined,
    description: textOf(isFunction ? description : jsonSchema["description"]),
  };
  descriptions.set(schema, described);
  return described;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
