/**
 * The part of a JSON schema that a `$ref` names.
 *
 * @param reference - `#` for the whole schema, or the path of a part, such as `#/$defs/node`.
 * @returns `undefined` for a part that does not exist, a reference to another document, and what is no text
 *
 * Source: RFC 6901, sections 4 and 6
 */
export function resolveReference(reference: unknown, root: unknown): unknown {
  if (typeof reference !== "string") return undefined;
  const [document, ...path] = reference.split("/");
  if (document !== "#") return undefined;
  let part = root;
  for (const encoded of path) {
    const key = decoded(encoded).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof part !== "object" || part === null || !Object.hasOwn(part, key)) return undefined;
    part = (part as Readonly<Record<string, unknown>>)[key];
  }
  return part;
}

/** Without percent-encoding. Some libraries do not encode names: a percent sign is part of the name then. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
