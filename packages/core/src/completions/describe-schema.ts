import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import type { InteropZodType } from "@langchain/core/utils/types";
import { z } from "zod";
import { isStrict, strictSchema } from "./strict-schema.ts";

type Json = Readonly<Record<string, unknown>>;

/** A zod schema, another standard schema, a JSON schema, or a function's definition. */
export type AnySchema = InteropZodType | SerializableSchema | Json;

export interface SchemaDescription {
  readonly jsonSchema: Json;
  /** The schema as providers take it as `strict`; `undefined` where it has no such form. */
  readonly strictSchema: Json | undefined;
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
  const jsonSchema = isFunction ? (parameters as Json) : convert(schema);
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

/** LangChain's conversion does not end for a zod schema that contains itself; zod's own has references. */
function convert(schema: AnySchema): Json {
  try {
    return toJsonSchema(schema);
  } catch (error) {
    if (!(error instanceof RangeError) || !(schema instanceof z.ZodType)) throw error;
    return z.toJSONSchema(schema, { io: "input" });
  }
}
