const maxDepth = 50;

/**
 * The number of parts of a JSON schema with each reference replaced by its target. A few
 * definitions that refer to each other twice result in millions.
 *
 * @returns the number, or more than `max` if it is larger or the schema is nested too deeply
 */
export function expandedSize(schema: object, max: number): number {
  const { $defs, definitions } = schema as {
    readonly $defs?: object;
    readonly definitions?: object;
  };
  const defined: Readonly<Record<string, unknown>> = { ...definitions, ...$defs };
  let left = max;
  const visit = (value: unknown, depth: number, within: readonly string[]): void => {
    left -= 1;
    if (left < 0 || typeof value !== "object" || value === null) return;
    if (depth > maxDepth) {
      left = -1;
      return;
    }
    const { $ref } = value as { readonly $ref?: unknown };
    if (typeof $ref === "string" && !within.includes($ref)) {
      const name = $ref.replace(/^#\/(\$defs|definitions)\//, "");
      visit(defined[name], depth + 1, [...within, $ref]);
    }
    for (const part of Object.values(value)) visit(part, depth + 1, within);
  };
  visit(schema, 0, []);
  return max - left;
}
