import { resolveReference, type WireTool } from "../../completions/index.ts";
import { isObject } from "../../input/is-object.ts";
import type { Fitting } from "./fitting.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Gemini and others know only a part of JSON Schema in tools, and refuse a request that has more. What
 * they do not know is put into words that they do, or left out: the tool checks its arguments itself.
 *
 * Source: https://ai.google.dev/api/caching#Schema
 */
export const plainToolSchemas: Fitting = {
  name: "keywords of tool schemas",
  refusal:
    /(function_declarations|functions?|tools?|parameters|schema).*(unknown name|cannot find field|unsupported|not supported|unrecognized|invalid)|(unknown name|cannot find field|unsupported|not supported|unrecognized|invalid).*(function_declarations|tools?\b|parameters|schema)/i,
  fit: (request) => {
    if (!request.tools?.length) return request;
    const tools = request.tools.map(plainTool);
    const isSame = JSON.stringify(tools) === JSON.stringify(request.tools);
    return isSame ? request : { ...request, tools };
  },
};

const keptKeywords = new Set(
  "type title description nullable enum items minItems maxItems properties required anyOf minimum maximum minLength maxLength pattern".split(
    " ",
  ),
);

function plainTool(tool: WireTool): WireTool {
  if (tool.type !== "function" || !tool.function.parameters) return tool;
  const { strict: _, ...fields } = tool.function;
  const parameters = plainSchema(tool.function.parameters, tool.function.parameters, new Set());
  return { ...tool, function: { ...fields, parameters } };
}

/** @param open the references that are being followed, so that a recursive schema ends */
function plainSchema(schema: unknown, root: Json, open: ReadonlySet<string>): Json {
  if (typeof schema !== "object" || schema === null) return {};
  const { $ref: reference, ...own } = schema as Json;
  if (typeof reference === "string") {
    if (open.has(reference)) return { type: "object" };
    const target = resolveReference(reference, root);
    return plainSchema(
      { ...(isObject(target) && target), ...own },
      root,
      new Set([...open, reference]),
    );
  }
  const given = inKnownKeywords(own);
  const plain = (inner: unknown) => plainSchema(inner, root, open);
  const known = Object.entries(given).filter(([keyword]) => keptKeywords.has(keyword));
  return Object.fromEntries(
    known.map(([keyword, value]) => {
      if (keyword === "items") return [keyword, plain(value)];
      if (keyword === "anyOf") return [keyword, (value as unknown[]).map(plain)];
      if (keyword !== "properties") return [keyword, value];
      const properties = Object.entries(value as Json);
      return [keyword, Object.fromEntries(properties.map(([name, inner]) => [name, plain(inner)]))];
    }),
  );
}

/** Expresses unknown keywords by known ones, where that is possible. */
function inKnownKeywords(schema: Json): Json {
  const { const: only, oneOf, allOf, prefixItems, enum: values, type, ...rest } = schema;
  const { exclusiveMinimum, exclusiveMaximum } = schema;
  const isWhole = type === "integer";
  const types = Array.isArray(type) ? type.filter((name) => name !== "null") : [type];
  return {
    ...rest,
    ...(types.length > 1 ? { anyOf: types.map((name) => ({ type: name })) } : {}),
    ...(types.length === 1 && types[0] !== undefined ? { type: types[0] } : {}),
    ...(Array.isArray(type) && type.includes("null") ? { nullable: true } : {}),
    ...(isWhole && typeof exclusiveMinimum === "number" ? { minimum: exclusiveMinimum + 1 } : {}),
    ...(isWhole && typeof exclusiveMaximum === "number" ? { maximum: exclusiveMaximum - 1 } : {}),
    ...enumOf(only === undefined ? values : [only]),
    ...(Array.isArray(oneOf) ? { anyOf: oneOf } : {}),
    ...(Array.isArray(prefixItems) ? { items: { anyOf: prefixItems } } : {}),
    ...(Array.isArray(allOf) ? Object.assign({}, ...(allOf as Json[])) : {}),
  };
}

/** Values of an enumeration are strings there; others are only checked by the tool itself. */
function enumOf(values: unknown): Json {
  const areStrings = Array.isArray(values) && values.every((value) => typeof value === "string");
  return areStrings ? { enum: values } : {};
}
