import { isObject, type Fields } from "../../input/is-object.ts";
import { isTooComplex } from "../reading/json-shape.ts";
import { resolveReference } from "../schemas/resolve-reference.ts";

/** Arguments as text: some servers send `null`, or the object itself. */
export function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

/**
 * Arguments as one JSON object, if they can be read as one: no arguments are `{}`, a JSON text in a JSON
 * text is parsed, an object that was sent twice is used once. Others are not changed.
 */
export function readableArguments(text: string, schema: unknown): string {
  const plain = text.trim();
  if (plain === "" || plain === "null") return "{}";
  const value = parse(unwrapText(plain)) ?? onlyObjectOf(plain);
  if (!isObject(value)) return text;
  const unwrapped = unwrap(value, schema);
  return unwrapped === value && parse(plain) !== undefined && !plain.startsWith('"')
    ? text
    : JSON.stringify(unwrapped);
}

/** The text inside of a JSON text; any other value is not changed. */
export function unwrapText(text: string): string {
  const value = text.trimStart().startsWith('"') ? parse(text) : undefined;
  return typeof value === "string" && parse(value) !== undefined ? unwrapText(value) : text;
}

/**
 * Replaces JSON texts by their content if the schema has an object or a list and no text.
 *
 * @returns the value itself if nothing has to be replaced
 */
export function unwrap(value: unknown, schema: unknown, root: unknown = schema): unknown {
  const target = resolve(schema, root);
  if (!target) return value;
  if (typeof value === "string") return unwrapIn(value, target, root);
  if (Array.isArray(value)) {
    const { items, prefixItems } = target;
    const tuple = Array.isArray(prefixItems) ? prefixItems : [];
    const list = value.map((item, at) => unwrap(item, tuple[at] ?? items, root));
    return list.every((item, at) => item === value[at]) ? value : list;
  }
  if (!isObject(value)) return value;
  const { properties, additionalProperties } = target;
  const known = isObject(properties) ? properties : {};
  const entries = Object.entries(value).map(([name, inner]) => {
    const own = Object.hasOwn(known, name) ? known[name] : additionalProperties;
    return [name, unwrap(inner, own, root)] as const;
  });
  return entries.every(([name, inner]) => inner === value[name])
    ? value
    : Object.fromEntries(entries);
}

function unwrapIn(text: string, target: Fields, root: unknown): unknown {
  const types = typesOf(target, root);
  if (types.has("string") || !(types.has("object") || types.has("array"))) return text;
  const inner = parse(text);
  if (Array.isArray(inner) ? types.has("array") : isObject(inner) && types.has("object")) {
    return unwrap(inner, target, root);
  }
  return text;
}

/** The types that a schema allows, including its references and alternatives. */
function typesOf(schema: unknown, root: unknown, depth = 0): Set<unknown> {
  const target = resolve(schema, root);
  if (!target || depth > 8) return new Set(["string"]);
  const { type, anyOf, oneOf, allOf, enum: values, const: constant } = target;
  if (type !== undefined) return new Set([type].flat());
  const parts = [anyOf, oneOf, allOf].find(Array.isArray) as unknown[] | undefined;
  if (parts) return new Set(parts.flatMap((part) => [...typesOf(part, root, depth + 1)]));
  const fixed = Array.isArray(values) ? values : constant === undefined ? [] : [constant];
  if (fixed.length > 0) return new Set(fixed.map((value) => typeof value));
  // An empty schema allows everything.
  return new Set(["string"]);
}

/** A schema, or the one that its `$ref` names. */
function resolve(schema: unknown, root: unknown): Fields | undefined {
  let target = schema;
  for (
    let depth = 0;
    depth < 8 && isObject(target) && typeof target["$ref"] === "string";
    depth += 1
  ) {
    target = resolveReference(target["$ref"], root);
  }
  return isObject(target) ? target : undefined;
}

/** Whether the arguments of an ended call are whole: servers send no text for a call without arguments. */
export function isEmptyOrJson(text: string): boolean {
  if (text === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a text is one whole JSON object or list. */
export function isWholeJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  // A stream checks this for each of its pieces: an unfinished one is not parsed.
  const end = text.trimEnd().at(-1);
  return (end === "}" || end === "]") && parse(text) !== undefined;
}

/** The object of a text that contains it twice, or after an empty one. */
function onlyObjectOf(text: string): unknown {
  const afterEmpty = text.replace(/^\{\s*\}/, "");
  const half = text.slice(0, text.length / 2).trim();
  const isTwice = half === text.slice(text.length / 2).trim();
  return parse(afterEmpty) ?? (isTwice ? parse(half) : undefined);
}

/** The value of a JSON text; `undefined` for a text that is not JSON. */
export function parse(text: string): unknown {
  if (isTooComplex(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
