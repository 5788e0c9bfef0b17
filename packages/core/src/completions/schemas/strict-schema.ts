type Json = Readonly<Record<string, unknown>>;

/** Keywords that strict mode accepts unchanged. */
const keptKeywords = new Set(
  `type enum description pattern format multipleOf minimum maximum exclusiveMinimum exclusiveMaximum
  minItems maxItems`.split(/\s+/),
);

/** Keywords that only describe: nothing is lost without them. */
const decoration = new Set(
  `$schema $id $comment $anchor title default examples deprecated readOnly writeOnly
  contentEncoding contentMediaType id`.split(/\s+/),
);

/** Constraints that strict mode does not support. The model reads them in the description instead. */
const describedKeywords = new Set(
  "minLength maxLength minProperties maxProperties uniqueItems".split(" "),
);

const knownFormats = new Set(
  "date-time time date duration email hostname ipv4 ipv6 uuid".split(" "),
);

const limits = { depth: 10, properties: 5000 };

/** Thrown in this file for a schema that strict mode cannot express. */
class NotStrict extends Error {}

/**
 * A schema in the subset of JSON Schema that providers accept as `strict`: every object is closed, every
 * property required. Optional properties become `null`able, `oneOf` becomes `anyOf`, a tuple of
 * equal items a list of that length. Rules that only a check can express go into the description.
 *
 * @returns `undefined` for a schema that has no such form: records, tuples, patterns of names, `allOf`
 *
 * Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function strictSchema(schema: unknown): Json | undefined {
  try {
    const root = object(schema);
    if (root["type"] !== "object") return undefined;
    const count = { properties: 0 };
    const definitions = ["$defs", "definitions"].flatMap((name) => {
      if (root[name] === undefined) return [];
      const fitted = Object.entries(object(root[name])).map(([key, value]) => [
        key,
        fit(value, 1, count),
      ]);
      return [[name, Object.fromEntries(fitted)]];
    });
    const { $defs: _, definitions: __, ...rest } = root;
    return { ...fit(rest, 1, count), ...Object.fromEntries(definitions) };
  } catch (error) {
    if (error instanceof NotStrict) return undefined;
    throw error;
  }
}

/** Whether providers accept a JSON schema as `strict` without changes. */
export function isStrict(schema: unknown): boolean {
  const fitted = strictSchema(schema);
  return fitted !== undefined && JSON.stringify(plain(fitted)) === JSON.stringify(plain(schema));
}

function fit(given: unknown, depth: number, count: { properties: number }): Json {
  const schema = withoutConst(object(given));
  if (depth > limits.depth) throw new NotStrict();
  // Strict mode allows no keyword beside a reference.
  if (schema["$ref"] !== undefined) return reference(schema["$ref"]);
  const { anyOf, oneOf, properties, required, additionalProperties, items, prefixItems, ...rest } =
    schema;
  const described: string[] = [];
  const kept: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(rest)) {
    if (keptKeywords.has(keyword) && isUsable(keyword, value)) kept[keyword] = value;
    else if (describedKeywords.has(keyword) || keyword === "pattern" || keyword === "format") {
      described.push(`${keyword}: ${JSON.stringify(value)}`);
    } else if (!decoration.has(keyword)) throw new NotStrict();
  }
  if (described.length > 0) {
    const description = typeof kept["description"] === "string" ? `${kept["description"]} ` : "";
    kept["description"] = `${description}(${described.join(", ")})`;
  }
  const alternatives = anyOf ?? oneOf;
  if (anyOf !== undefined && oneOf !== undefined) throw new NotStrict();
  if (Array.isArray(alternatives)) {
    kept["anyOf"] = alternatives.map((each) => fit(each, depth, count));
  }
  const types = [kept["type"]].flat();
  if (types.includes("object")) {
    Object.assign(kept, closed({ properties, required, additionalProperties }, depth, count));
  }
  if (types.includes("array")) Object.assign(kept, list(items, prefixItems, depth, count));
  const type = kept["type"] ?? kept["anyOf"] ?? kept["enum"];
  if (type === undefined) throw new NotStrict();
  return kept;
}

function reference(target: unknown): Json {
  if (typeof target !== "string" || !target.startsWith("#")) throw new NotStrict();
  return { $ref: target };
}

function closed(
  { properties, required, additionalProperties }: Json,
  depth: number,
  count: { properties: number },
): Json {
  const isOpen = additionalProperties !== undefined && additionalProperties !== false;
  if (isOpen || properties === undefined) throw new NotStrict();
  const needed = new Set((required ?? []) as string[]);
  const entries = Object.entries(object(properties)).map(([name, value]) => {
    const fitted = fit(value, depth + 1, count);
    return [name, needed.has(name) ? fitted : orNull(fitted)] as const;
  });
  count.properties += entries.length;
  if (count.properties > limits.properties) throw new NotStrict();
  return {
    properties: Object.fromEntries(entries),
    required: entries.map(([name]) => name),
    additionalProperties: false,
  };
}

function list(items: unknown, tuple: unknown, depth: number, count: { properties: number }): Json {
  if (!Array.isArray(tuple)) return { items: fit(items, depth + 1, count) };
  const [first] = tuple as unknown[];
  const isUniform = tuple.every((item) => JSON.stringify(item) === JSON.stringify(first));
  if (!isUniform || (items !== undefined && items !== false)) throw new NotStrict();
  return { items: fit(first, depth + 1, count), minItems: tuple.length, maxItems: tuple.length };
}

function orNull(schema: Json): Json {
  return acceptsNull(schema) ? schema : { anyOf: [schema, { type: "null" }] };
}

function acceptsNull({ type, enum: values, anyOf }: Json): boolean {
  if (Array.isArray(anyOf)) return anyOf.some((each) => acceptsNull(object(each)));
  if (Array.isArray(values)) return values.includes(null);
  return [type].flat().includes("null");
}

/** `const` is an enumeration of one. */
function withoutConst({ const: only, ...schema }: Json): Json {
  if (only === undefined) return schema;
  const type = schema["type"] ?? (only === null ? "null" : typeof only);
  if (type === "object") throw new NotStrict();
  return { ...schema, type, enum: [only] };
}

/** Regular expressions with lookaround are refused; the list of formats is short. */
function isUsable(keyword: string, value: unknown): boolean {
  if (keyword === "format") return typeof value === "string" && knownFormats.has(value);
  return keyword !== "pattern" || (typeof value === "string" && !/\(\?[=!<]/.test(value));
}

function object(value: unknown): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NotStrict();
  return value as Json;
}

/** Sorted, without keywords that only describe. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(
    ([name, inner]) => name !== "$schema" && !(name === "title" && typeof inner === "string"),
  );
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, plain(inner)]),
  );
}
