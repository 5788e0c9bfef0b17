/** Maximum parts of an error that are read: lists, objects and their contents. */
const maxParts = 2000;
const maxText = 16_384;
const maxLevels = 12;
const cutOff = "[…]";

/**
 * The beginning of an error value of any size from a server, because errors are searched,
 * redacted and copied several times.
 */
export function shorten(value: unknown): unknown {
  let parts = 0;
  const copy = (part: unknown, level: number): unknown => {
    if (typeof part === "string") return part.length > maxText ? part.slice(0, maxText) : part;
    if (typeof part !== "object" || part === null) return part;
    if (level > maxLevels) return cutOff;
    const copied: [string, unknown][] = [];
    for (const name in part) {
      parts += 1;
      if (parts > maxParts) break;
      const shortName = name.slice(0, maxText);
      copied.push([shortName, copy((part as Record<string, unknown>)[name], level + 1)]);
    }
    return Array.isArray(part) ? copied.map(([, item]) => item) : Object.fromEntries(copied);
  };
  return copy(value, 0);
}
