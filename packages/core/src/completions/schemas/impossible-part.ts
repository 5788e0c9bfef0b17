import { isObject } from "../../input/is-object.ts";
import { resolveReference } from "./resolve-reference.ts";

type Json = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];
type Part = readonly [schema: unknown, path: Path];

/** The reason why no JSON matches a schema. */
export interface ImpossiblePart {
  readonly path: Path;
  /** As the predicate of a sentence about the part. */
  readonly problem: string;
}

/** If the check of a schema takes longer, it is skipped. */
const maxLooks = 10_000;

/** Pairs of limits: the first must not be above the second. */
const bounds = [
  ["minimum", "maximum"],
  ["minLength", "maxLength"],
  ["minItems", "maxItems"],
] as const;

/**
 * The part because of which no JSON matches a JSON schema, such as a required field of the type `never`.
 *
 * @returns `undefined` if JSON may match
 */
export function impossiblePart(root: Json): ImpossiblePart | undefined {
  const underWay = new Set(["#"]);
  const possible = new Set<string>();
  let looks = 0;

  function find([schema, path]: Part): ImpossiblePart | undefined {
    if (schema === false) return { path, problem: "takes no value" };
    if (!isObject(schema) || (looks += 1) > maxLooks) return undefined;
    const problem = problemOf(schema);
    if (problem !== undefined) return { path, problem };
    const { $ref, anyOf, oneOf, allOf } = schema;
    return (
      ofReference($ref, path) ??
      ofEach(anyOf, [...path, "anyOf"]) ??
      ofEach(oneOf, [...path, "oneOf"]) ??
      first([...partsOf(allOf, [...path, "allOf"]), ...neededParts(schema, path)])
    );
  }

  /** JSON is finite: at least one value of a definition must not contain the definition again. */
  function ofReference(reference: unknown, path: Path): ImpossiblePart | undefined {
    if (typeof reference !== "string" || possible.has(reference)) return undefined;
    if (underWay.has(reference)) return { path, problem: "contains itself without an end" };
    underWay.add(reference);
    const found = find([resolveReference(reference, root), path]);
    underWay.delete(reference);
    if (!found) possible.add(reference);
    return found;
  }

  /** Alternatives are impossible if all of them are. */
  function ofEach(alternatives: unknown, path: Path): ImpossiblePart | undefined {
    let found: ImpossiblePart | undefined;
    for (const part of partsOf(alternatives, path)) {
      const ofPart = find(part);
      if (!ofPart) return undefined;
      found ??= ofPart;
    }
    return found;
  }

  function first(parts: readonly Part[]): ImpossiblePart | undefined {
    for (const part of parts) {
      const found = find(part);
      if (found) return found;
    }
    return undefined;
  }

  return find([root, []]);
}

/** The parts that every value of a schema has. */
function neededParts(schema: Json, path: Path): readonly Part[] {
  const { type, properties, required, items, prefixItems, minItems } = schema;
  if (type === "object" && isObject(properties) && Array.isArray(required)) {
    return required.map((name: string) => [properties[name], [...path, "properties", name]]);
  }
  if (type !== "array") return [];
  const count = typeof minItems === "number" ? minItems : undefined;
  const tuple = partsOf(prefixItems ?? items, [...path, "items"]);
  if (tuple.length > 0) return tuple.slice(0, count);
  return count ? [[items, [...path, "items"]]] : [];
}

function partsOf(parts: unknown, path: Path): readonly Part[] {
  return Array.isArray(parts) ? parts.map((part, index) => [part, [...path, index]]) : [];
}

function problemOf(schema: Json): string | undefined {
  const { not, enum: values, anyOf } = schema;
  const isNever = not === true || (isObject(not) && Object.keys(not).length === 0);
  const isEmpty = [values, anyOf].some((list) => Array.isArray(list) && list.length === 0);
  if (isNever || isEmpty) return "takes no value";
  const excluding = bounds.find(([least, most]) => Number(schema[least]) > Number(schema[most]));
  return excluding && `takes no value: its ${excluding[0]} is above its ${excluding[1]}`;
}
