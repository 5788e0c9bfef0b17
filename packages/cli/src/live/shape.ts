/** The types of a JSON document's fields, by their paths; `[]` is any item of a list. */
export type Shape = ReadonlyMap<string, ReadonlySet<string>>;

/** Returns the fields of a document with their types. */
export function shapeOf(value: unknown): Shape {
  const shape = new Map<string, Set<string>>();
  collect(value, "", shape);
  return shape;
}

function collect(value: unknown, path: string, shape: Map<string, Set<string>>): void {
  const types = shape.get(path) ?? new Set();
  shape.set(path, types.add(typeOf(value)));
  if (Array.isArray(value)) {
    for (const item of value) collect(item, `${path}[]`, shape);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, field] of Object.entries(value)) {
      collect(field, path === "" ? name : `${path}.${name}`, shape);
    }
  }
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

/** Describes each difference between the shapes of a real answer and of the sandbox's answer. */
export function differences(real: Shape, expected: Shape): string[] {
  const paths = [...new Set([...real.keys(), ...expected.keys()])];
  const isMissing = (path: string) => !real.has(path) || !expected.has(path);
  return paths.flatMap((path) => {
    // A missing object is reported once, without its fields.
    if (isMissing(parentOf(path)) && path !== "") return [];
    const [types, expectedTypes] = [real.get(path), expected.get(path)];
    if (!types) return [`${path} is missing; the sandbox has ${list(expectedTypes)}`];
    if (!expectedTypes) return [`${path} is new: ${list(types)}; the sandbox has none`];
    const isSame = types.symmetricDifference(expectedTypes).size === 0;
    return isSame ? [] : [`${path} is ${list(types)}; the sandbox has ${list(expectedTypes)}`];
  });
}

function parentOf(path: string): string {
  return path.endsWith("[]")
    ? path.slice(0, -2)
    : path.slice(0, Math.max(0, path.lastIndexOf(".")));
}

function list(types: ReadonlySet<string> = new Set()): string {
  return [...types].toSorted().join(" or ");
}
