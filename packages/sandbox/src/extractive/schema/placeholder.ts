import { isJsonObject, type JsonObject } from "../../wire/chat-request.ts";
import { fitNumber, fitText } from "./fit.ts";

/** A neutral value that a schema allows: its default, or the minimum. */
export function placeholder(schema: unknown): unknown {
  if (!isJsonObject(schema)) return "";
  if ("default" in schema) return schema.default;
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const type: unknown = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "integer":
    case "number":
      return fitNumber(schema, 0);
    case "boolean":
      return false;
    case "array":
      return Array.from({ length: Number(schema.minItems ?? 0) }, () => placeholder(schema.items));
    case "object":
      return placeholderObject(schema);
    case "null":
      return null;
    default:
      return fitText(schema, "");
  }
}

function placeholderObject({ properties, required }: JsonObject): Record<string, unknown> {
  const schemas = isJsonObject(properties) ? properties : {};
  const names = Array.isArray(required) ? required.map(String) : [];
  return Object.fromEntries(names.map((name) => [name, placeholder(schemas[name])]));
}
