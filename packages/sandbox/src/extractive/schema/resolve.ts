import { decodePercent } from "../../decode-percent.ts";
import { isJsonObject, type JsonObject } from "../../wire/chat-request.ts";

/** Resolves `$ref` and merges `allOf`, so that the resulting schema is self-contained. */
export function resolveSchema(schema: unknown, root: JsonObject): JsonObject {
  if (!isJsonObject(schema)) return {};
  const { $ref, ...beside } = schema;
  if (typeof $ref === "string") {
    return { ...resolveSchema(follow($ref, root), root), ...beside };
  }
  if (!Array.isArray(schema.allOf)) return schema;
  const { allOf, ...rest } = schema;
  return allOf
    .map((part) => resolveSchema(part, root))
    .reduce<JsonObject>((merged, part) => mergeSchemas(merged, part), rest);
}

/** The alternatives of `anyOf`, `oneOf` or a list of types; only one if there is no choice. */
export function alternativesOf(schema: JsonObject, root: JsonObject): JsonObject[] {
  const { anyOf, oneOf, ...rest } = schema;
  const choices = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : undefined;
  if (choices !== undefined) {
    return choices.flatMap((choice) =>
      alternativesOf(mergeSchemas(rest, resolveSchema(choice, root)), root),
    );
  }
  if (!Array.isArray(schema.type)) return [schema];
  return schema.type.map((type: unknown) => ({ ...schema, type }));
}

/** Whether a schema allows only `null`. */
export function isNull(schema: JsonObject): boolean {
  return schema.type === "null" || ("const" in schema && schema.const === null);
}

/** The part of a schema that a `$ref` names. Source: RFC 6901, sections 4 and 6. */
function follow(reference: string, root: JsonObject): unknown {
  const [document, ...path] = reference.split("/");
  if (document !== "#") return undefined;
  let part: unknown = root;
  for (const encoded of path) {
    const key = decodePercent(encoded).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof part !== "object" || part === null || !Object.hasOwn(part, key)) return undefined;
    part = (part as JsonObject)[key];
  }
  return part;
}

function mergeSchemas(one: JsonObject, other: JsonObject): JsonObject {
  const properties = {
    ...(isJsonObject(one.properties) ? one.properties : {}),
    ...(isJsonObject(other.properties) ? other.properties : {}),
  };
  const required = [one.required, other.required].flatMap((names): unknown[] =>
    Array.isArray(names) ? names : [],
  );
  return {
    ...one,
    ...other,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required: [...new Set(required)] }),
  };
}
