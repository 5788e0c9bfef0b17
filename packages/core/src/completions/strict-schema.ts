type Json = Readonly<Record<string, unknown>>;

/**
 * Whether providers accept a JSON schema as `strict`: every object closed, every property required.
 *
 * Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== "object" || schema === null) return true;
  const { properties, required, additionalProperties, ...rest } = schema as Json;
  if (properties !== undefined) {
    const names = Object.keys(properties as Json);
    const demanded = new Set((required ?? []) as string[]);
    if (additionalProperties !== false || !names.every((name) => demanded.has(name))) return false;
    if (!Object.values(properties as Json).every(isStrict)) return false;
  } else if (additionalProperties !== undefined && additionalProperties !== false) {
    return false;
  }
  return Object.values(rest).every(isStrict);
}
