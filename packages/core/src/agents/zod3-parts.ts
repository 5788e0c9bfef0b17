interface Zod3 {
  readonly _def: Readonly<Record<string, unknown>> & { readonly typeName?: unknown };
}

/** Types that JSON does not have, but LangChain converts: the model's answer could never match them. */
const lacking = new Map([
  ["ZodBigInt", "a bigint"],
  ["ZodDate", "a date"],
  ["ZodFunction", "a function"],
  ["ZodMap", "a map"],
  ["ZodNaN", "NaN"],
  ["ZodPromise", "a promise"],
  ["ZodSet", "a set"],
  ["ZodSymbol", "a symbol"],
]);

/** A part of a zod 3 schema that JSON does not have, such as `a date at "due.at"`; `undefined` if there is none. */
export function partWithoutJson(
  schema: unknown,
  path: readonly string[] = [],
  seen = new Set<unknown>(),
): string | undefined {
  if (!isZod3(schema) || seen.has(schema)) return undefined;
  seen.add(schema);
  const { typeName, coerce, shape, getter, ...parts } = schema._def;
  const what = lacking.get(String(typeName));
  if (what !== undefined && coerce !== true) {
    return path.length === 0 ? what : `${what} at "${path.join(".")}"`;
  }
  if (typeof getter === "function") return partWithoutJson(getter(), path, seen);
  const fields: object = typeof shape === "function" ? (shape() as object) : {};
  for (const [name, field] of Object.entries(fields)) {
    const found = partWithoutJson(field, [...path, name], seen);
    if (found !== undefined) return found;
  }
  // The model fills in the input of a pipe, not its output.
  for (const [name, part] of Object.entries(parts)) {
    if (name === "out") continue;
    for (const each of Array.isArray(part) ? part : [part]) {
      const found = partWithoutJson(each, path, seen);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function isZod3(value: unknown): value is Zod3 {
  const isObject = typeof value === "object" && value !== null && !("_zod" in value);
  return isObject && typeof (value as Partial<Zod3>)._def === "object";
}
