import { isInteropZodSchema } from "@langchain/core/utils/types";
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { z } from "zod";
import { adapter } from "../completions/schemas/index.ts";
import { ArgumentError } from "../errors/argument-error.ts";
import { messageOf } from "../errors/message-of.ts";
import { partWithoutJson } from "./zod3-parts.ts";

/*
 * Zod schemas for schemas of any library. Those of zod 3, zod 4 and zod/mini are used unchanged; another
 * Standard Schema, as of valibot or arktype, is wrapped in a schema of ours.
 */

/** For the input of an agent. */
export function zodOfInput(schema: StandardSchemaV1): z.ZodType {
  return isInteropZodSchema(schema) ? (schema as unknown as z.ZodType) : adapter(schema);
}

/**
 * For a model's answer, with the JSON Schema that the model gets.
 *
 * @throws {ArgumentError} for a schema that has no JSON Schema
 */
export function zodOfOutput(schema: StandardSchemaV1, where: string): z.ZodType {
  if (isInteropZodSchema(schema)) {
    const lacks = partWithoutJson(schema);
    if (lacks === undefined) return schema as unknown as z.ZodType;
    throw new ArgumentError(
      `The output schema cannot be sent to a model (${where}): it has ${lacks}, which JSON lacks`,
    );
  }
  const zod = adapter(schema);
  const json = jsonSchemaOf(schema, where);
  zod._zod.toJSONSchema = () => json;
  return zod;
}

interface ArkType {
  readonly in: { toJsonSchema(): unknown };
}

function jsonSchemaOf(schema: StandardSchemaV1, where: string): Record<string, unknown> {
  const { vendor, jsonSchema } = schema["~standard"] as StandardSchemaV1.Props &
    Partial<StandardJSONSchemaV1.Props>;
  if (!jsonSchema) {
    const advice =
      vendor === "valibot"
        ? "wrap it in toStandardJsonSchema() of @valibot/to-json-schema"
        : "use a schema that implements Standard JSON Schema, such as one of zod";
    throw new ArgumentError(
      `The output schema cannot be sent to a model (${where}): this schema of ${vendor} has no JSON Schema; ${advice}`,
    );
  }
  try {
    // arktype's own method throws for types that JSON does not have; the standard one omits them.
    if (vendor === "arktype") (schema as unknown as ArkType).in.toJsonSchema();
    return jsonSchema.input({ target: "draft-07" });
  } catch (cause) {
    throw new ArgumentError(
      `The output schema cannot be sent to a model (${where}): ${vendor} cannot convert it to JSON Schema: ${messageOf(cause)}`,
      { cause },
    );
  }
}
