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

function follow(reference: string, root: JsonObject): unknown {
  let at: unknown = root;
  for (const step of reference.replace(/^#\/?/, "").split("/")) {
    if (step === "") continue;
    const key = decodeURIComponent(step).replace(/~1/g, "/").replace(/~0/g, "~");
    at = isJsonObject(at) ? at[key] : undefined;
  }
  return at;
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
